import { describe, expect, it } from 'vitest';
import { openDemoRefusal } from '../../../source/ui/overlays/demo-refusal.ts';
import { dialogPlace, readDialog, type } from './dialog-place.ts';

const open = () => {
  const place = dialogPlace(() => Promise.reject(new Error('it sends nothing')));
  return { dialog: openDemoRefusal(place.context), ...place };
};

describe('the form that a demo shows instead of asking for a key', () => {
  it('says why, and what to do', () => {
    const shown = readDialog(open().dialog).replaceAll(/\s+/g, ' ');
    expect(shown).toContain('no key should be typed into it');
    expect(shown).toContain('Leave it with q and start ccr-tui');
  });

  it('takes neither keys nor pastes as text', () => {
    const { dialog, told } = open();
    const before = readDialog(dialog);
    dialog.paste('sk-ant-api03-pasted-by-mistake');
    type(dialog, 'x', 'y');
    expect(readDialog(dialog)).toBe(before);
    expect(told.sentences).toEqual([]);
    expect(told.closed).toBe(0);
  });

  it.each(['escape', 'enter', 'q', 'a'])('%s closes it', (name) => {
    const { dialog, told } = open();
    type(dialog, name);
    expect(told.closed).toBe(1);
  });
});
