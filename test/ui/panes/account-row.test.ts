import { expect, it } from 'vitest';
import { markCell, rowsOf } from '../../../source/ui/panes/account-row.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { accountOf, now } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });

it('marks which account is selected, which serves next, and which is preferred, and that by a glyph', () => {
  const accounts = [accountOf('a'), accountOf('b'), accountOf('c', { preferred: true, state: 'paused' })];
  const rows = rowsOf(accounts, { width: 80, selected: 0, next: accounts[1]!.id, now });
  expect(rows.map((row) => markCell(theme, row).text)).toEqual(['> ●', ' →●', ' ★○']);
  const unmarked = rowsOf(accounts.slice(0, 1), { width: 80, selected: -1, next: null, now });
  expect(unmarked.map((row) => markCell(theme, row).text)).toEqual(['  ●']);
});
