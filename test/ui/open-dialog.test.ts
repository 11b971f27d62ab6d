import { describe, expect, it } from 'vitest';
import type { Dialog, DialogContext } from '../../source/ui/dialog.ts';
import { openDialog, type DialogPlace } from '../../source/ui/open-dialog.ts';
import { emptyState, sampleSession } from './sample.ts';

const page = (name: string): Dialog => ({
  lines: () => [name],
  footer: () => [],
  press: () => {},
  paste: () => {},
});

const open = () => {
  const place: DialogPlace = { dialog: null };
  const contexts: DialogContext[] = [];
  let drawn = 0;
  const session = sampleSession(emptyState);
  const add = (name: string): void =>
    openDialog(
      place,
      (context) => {
        contexts.push(context);
        return page(name);
      },
      {
        commander: session,
        state: () => session.state(),
        tell: () => {},
        copy: () => {},
        changed: () => {
          drawn += 1;
        },
      },
    );
  return { place, contexts, add, drawn: () => drawn };
};

describe('openDialog', () => {
  it('puts the dialog in its place and draws', () => {
    const { place, add, drawn } = open();
    add('first');
    expect(place.dialog?.lines(undefined as never, { columns: 1, rows: 1 })).toEqual(['first']);
    expect(drawn()).toBe(1);
  });

  it('takes it away when it closes, once', () => {
    const { place, contexts, add, drawn } = open();
    add('first');
    contexts[0]?.close();
    contexts[0]?.close();
    contexts[0]?.changed();
    expect(place.dialog).toBeNull();
    expect(drawn()).toBe(2);
  });

  it('does not let one that is gone touch its successor', () => {
    const { place, contexts, add, drawn } = open();
    add('first');
    contexts[0]?.close();
    add('second');
    const before = drawn();
    contexts[0]?.close();
    contexts[0]?.changed();
    expect(place.dialog).not.toBeNull();
    expect(drawn()).toBe(before);
    contexts[1]?.changed();
    expect(drawn()).toBe(before + 1);
  });
});
