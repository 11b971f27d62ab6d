import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { strategyWords } from '../../../source/shared/strategy-words.ts';
import { strategyNames, type StrategyName } from '../../../source/shared/types.ts';
import { openChooseStrategy } from '../../../source/ui/overlays/choose-strategy.ts';
import { commandPlace, plain, readDialog, type } from './dialog-place.ts';

const open = (used: StrategyName = 'sticky') => {
  const chosen: StrategyName[] = [];
  const { context, told } = commandPlace(async () => undefined);
  const dialog = openChooseStrategy(context, used, (name) => void chosen.push(name));
  return { dialog, told, chosen };
};

describe('the menu of strategies', () => {
  it('shows every one with what it does, and which is in use', () => {
    const { dialog } = open('drain');
    const shown = readDialog(dialog);
    for (const name of strategyNames) expect(shown).toContain(`${name} `);
    for (const words of Object.values(strategyWords)) expect(shown).toContain(words);
    expect(shown.split('\n').filter((line) => line.includes('>●'))).toEqual([
      expect.stringContaining('drain'),
    ]);
  });

  it('shows all of what each does in 60 columns', () => {
    const lines = open().dialog.lines(plain, { columns: 60, rows: 18 }).join('\n');
    for (const words of Object.values(strategyWords)) expect(lines).toContain(words);
  });

  it('moves from end to end and no further, and Enter chooses', () => {
    const { dialog, chosen, told } = open();
    type(dialog, 'k', 'up', ...Array<string>(20).fill('down'), 'k', 'enter');
    expect([chosen, told.closed]).toEqual([[strategyNames.at(-2)], 1]);
  });

  it('changes nothing with Enter on the one in use, nor with Esc, q, S and other keys', () => {
    for (const keys of [['enter'], ['j', 'escape'], ['j', 'q'], ['j', 'S']]) {
      const { dialog, chosen, told } = open();
      dialog.paste('drain');
      type(dialog, 'x', 'y', ...keys);
      expect([chosen, told.closed]).toEqual([[], 1]);
    }
  });

  it.each([
    [100, 28],
    [46, 10],
    [30, 4],
    [10, 1],
  ])('fits into %i x %i, with the selected one in it', (columns, rows) => {
    const { dialog } = open();
    for (const _ of strategyNames) {
      const lines = dialog.lines(plain, { columns, rows });
      expect(lines.length).toBeLessThanOrEqual(rows);
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      expect(lines.filter((line) => line.includes('>'))).toHaveLength(1);
      type(dialog, 'j');
    }
  });
});
