import { describe, expect, it } from 'vitest';
import type { Dialog } from '../../../source/ui/dialog.ts';
import { createDialogs } from '../../../source/ui/overlays/dialogs.ts';
import { emptyState } from '../sample.ts';
import { dialogPlace, readDialog, type } from './dialog-place.ts';

const alias = 'alias ccr-tui="somewhere"';
const place = (demo: boolean) =>
  dialogPlace(
    () => Promise.reject(new Error('nothing is sent')),
    demo ? { ...emptyState, demo: true } : emptyState,
  );
const open = (action: string, { context }: ReturnType<typeof place>): Dialog => {
  const dialog = createDialogs(alias)[action]?.(context);
  if (!dialog) throw new Error(`nothing opens ${action}`);
  return dialog;
};

describe('the dialogs of the screen', () => {
  it('are a form for an account, and a page for clients that says how to call the program', () => {
    expect(readDialog(open('account.add', place(false)))).toContain('none yet');
    expect(readDialog(open('client.connect', place(false)))).toContain(alias);
  });

  it('a demo takes no key, and says so before anybody pastes one', () => {
    const demo = place(true);
    const dialog = open('account.add', demo);
    dialog.paste('sk-ant-api03-somebodys-real-key');
    expect(readDialog(dialog)).toMatch(/This is a demo: no account can be added/);
    expect(readDialog(dialog, { columns: 30, rows: 4 })).toContain('This is a demo');
    type(dialog, 'x');
    expect(demo.told.closed).toBe(0);
    type(dialog, 'escape');
    expect(demo.told.closed).toBe(1);
  });

  it('a demo is reached by its address, not by a command that looks for an instance', () => {
    const text = readDialog(open('client.connect', place(true)));
    expect(text).toContain('answers are simulated');
    expect(text).toContain('export ANTHROPIC_BASE_URL=');
    expect(text).not.toMatch(/ccr-tui run|alias/);
  });
});
