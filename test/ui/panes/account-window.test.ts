import { describe, expect, it } from 'vitest';
import { visibleAccounts } from '../../../source/ui/panes/account-window.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { firstView, type FrameInput } from '../../../source/ui/view.ts';
import { accountOf, busyState, now } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });
const names = ['a', 'b', 'c', 'd'];
const accounts = names.map((name) => accountOf(name, name === 'c' ? { state: 'error' } : {}));
const blocks = names.map((name) => [name, `${name}1`, `${name}2`]);

const input = (selected = 0, zoomed = false): FrameInput => ({
  state: { ...busyState, accounts },
  view: { ...firstView, zoomed, account: { id: accounts[selected]!.id, index: selected } },
  size: { columns: 80, rows: 24 },
  notice: null,
  theme,
  now,
});
const show = (height: number, selected?: number, zoomed?: boolean) =>
  visibleAccounts(input(selected, zoomed), blocks, height);

describe('the accounts that are in view', () => {
  it('are all, with all that is said of them, where there is room', () => {
    expect(show(12)).toEqual({ lines: blocks.flat(), note: '' });
  });

  it('lose what is said below the rows first, why an account does not serve last of all', () => {
    expect(show(7).lines).toEqual(['a', 'a1', 'b', 'c', 'c1', 'c2', 'd']);
    expect(show(5).lines).toEqual(['a', 'b', 'c', 'c1', 'd']);
    expect(show(4)).toEqual({ lines: names, note: '' });
  });

  it('scroll then, and say where they are', () => {
    expect(show(2, 3)).toEqual({ lines: ['c', 'd'], note: '3-4 of 4' });
  });

  it('stay whole in a pane that has the whole screen, the selected one in view', () => {
    expect(show(7, 0, true)).toEqual({ lines: [...blocks[0]!, ...blocks[1]!, 'c'], note: '1-2 of 4' });
    expect(show(7, 3, true)).toEqual({ lines: [...blocks[2]!, ...blocks[3]!], note: '3-4 of 4' });
    expect(show(2, 1, true)).toEqual({ lines: ['b', 'b1'], note: '2-2 of 4' });
  });
});
