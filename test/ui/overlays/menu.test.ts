import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { openMenu, type MenuEntry } from '../../../source/ui/overlays/menu.ts';
import { hostileCharacter, hostileText } from '../../kit/hostile-text.ts';
import { commandPlace, plain, readDialog, type } from './dialog-place.ts';

const open = (entries: readonly Omit<MenuEntry, 'run'>[]) => {
  const ran: string[] = [];
  const { context, told } = commandPlace(async () => undefined);
  const dialog = openMenu(context, {
    title: 'Copy',
    enter: 'copy it',
    opener: 'request.copy',
    entries: entries.map((entry) => ({ ...entry, run: () => ran.push(entry.word) })),
  });
  return { dialog, ran, told };
};
const copies = [
  { key: 'c', word: 'curl', does: 'the command' },
  { key: 'j', word: 'JSON', does: 'the row' },
  { key: 'i', word: 'id', does: 'of the request' },
];

describe('openMenu', () => {
  it('runs an entry by its key, also where that would move', () => {
    const { dialog, ran, told } = open(copies);
    expect(readDialog(dialog)).toMatch(/> +c curl +the command/);
    expect(dialog.footer()[0]?.key).toBe('Up Down');
    type(dialog, 'j');
    expect([ran, told.closed]).toEqual([['JSON'], 1]);
  });

  it('moves and chooses with Enter', () => {
    const { dialog, ran } = open(copies);
    type(dialog, 'down', 'down', 'down', 'enter');
    expect(ran).toEqual(['id']);
  });

  it('begins at what is in use, marks it, and changes nothing with it', () => {
    const { dialog, ran, told } = open([
      { word: 'auto', does: '' },
      { word: 'mono', does: '', inUse: true },
    ]);
    expect(readDialog(dialog)).toMatch(/>● mono/);
    type(dialog, 'enter');
    expect([ran, told.closed]).toEqual([[], 1]);
  });

  it('is closed by Enter where it is empty', () => {
    const { dialog, told } = open([]);
    type(dialog, 'j', 'enter');
    expect(told.closed).toBe(1);
  });

  it.each(hostileText)('shows %s as text', (_, text) => {
    const { dialog } = open([{ word: text, does: text }]);
    for (const columns of [30, 60, 130]) {
      for (const line of dialog.lines(plain, { columns, rows: 10 })) {
        expect(line).not.toMatch(hostileCharacter);
        expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      }
    }
  });
});
