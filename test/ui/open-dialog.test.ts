import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../source/shared/display-width.ts';
import type { Dialog, DialogContext } from '../../source/ui/dialog.ts';
import { standardKeys } from '../../source/ui/keymap.ts';
import { openDialog, type DialogPlace } from '../../source/ui/open-dialog.ts';
import { createTheme } from '../../source/ui/theme.ts';
import { hostileCharacter } from '../kit/hostile-text.ts';
import { everyPage } from './every-page.ts';
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
        account: () => null,
        request: () => null,
        outside: {},
        keys: standardKeys,
        perform: () => {},
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

describe('every page', () => {
  const narrow = Array.from({ length: 20 }, (_, i) => i + 30);
  const theme = createTheme({ ascii: false, color: false });
  const widths = [...narrow, ...Array.from({ length: 50 }, (_, i) => 50 + 3 * i)];

  it('has room at every size, without a cut and with nothing raw', async () => {
    const misfits = new Set<string>();
    for (const [name, opened] of await everyPage()) {
      for (const columns of widths) {
        for (const rows of [4, 5, 8, 13, 18, 28]) {
          const lines = opened.lines(theme, { columns, rows });
          if (lines.length > rows) misfits.add(`${name} is too long in ${columns}x${rows}`);
          if (lines.some((line) => displayWidth(line) > columns))
            misfits.add(`${name} is too wide in ${columns}`);
          if (lines.some((line) => hostileCharacter.test(line))) misfits.add(`${name} is raw`);
        }
      }
    }
    expect([...misfits]).toEqual([]);
  });
});
