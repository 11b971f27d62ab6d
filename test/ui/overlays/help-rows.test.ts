import { describe, expect, it } from 'vitest';
import { actions } from '../../../source/shared/actions.ts';
import { displayWidth } from '../../../source/shared/display-width.ts';
import {
  helpGroups,
  helpLines,
  helpPlace,
  helpRows,
  helpTableFits,
  helpTableSize,
  type HelpWish,
} from '../../../source/ui/overlays/help-rows.ts';
import { standardKeys } from '../../../source/ui/keymap.ts';
import { hostileCharacter, hostileText } from '../../kit/hostile-text.ts';
import { createTheme } from '../../../source/ui/theme.ts';

const theme = createTheme({ ascii: false, color: false });
const onScreen = actions.filter(({ screen }) => screen !== undefined);
const words = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe('helpRows', () => {
  it('has every key of the action table, as people read keys', () => {
    expect(helpRows.map(({ does }) => does)).toEqual(
      onScreen.map(({ screen, help }) => screen?.help ?? help),
    );
    expect(helpRows).toContainEqual({ keys: 'j, Down', where: '', does: 'next row' });
  });
});

const wish: HelpWish = { keys: standardKeys, pane: 'accounts', query: '' };
const titles = (part: Partial<HelpWish> = {}): string[] =>
  helpGroups({ ...wish, ...part }).map(({ title }) => title);
const found = (query: string): string[] =>
  helpGroups({ ...wish, query }).flatMap(({ rows }) => rows.map(({ does }) => does));

describe('helpGroups', () => {
  it('has every key once, by what it is for', () => {
    const groups = helpGroups(wish);
    const all = groups.flatMap(({ rows }) => rows.map(({ does }) => does));
    expect(all.toSorted()).toEqual(onScreen.map(({ screen, help }) => screen?.help ?? help).toSorted());
    const titleOf = (does: string): string | undefined =>
      groups.find(({ rows }) => rows.some((row) => row.does === does))?.title;
    expect(titleOf('next row')).toBe('Move');
    expect(titleOf('next pane')).toBe('Panes');
    expect(titleOf('pause or resume the account')).toBe('Accounts, where you are');
    expect(titleOf('draw the screen anew')).toBe('All');
  });

  it('begins with the pane that has the keys', () => {
    expect(titles()[0]).toBe('Accounts, where you are');
    expect(titles({ pane: 'requests' })[0]).toBe('Requests, where you are');
    expect(titles({ pane: 'log' })).toEqual(['Move', 'Panes', 'Accounts', 'Requests', 'All']);
  });

  it('finds a key by itself, by what it does and by its name', () => {
    expect(found('Ctrl-Z')).toEqual(['suspend the program with its proxy']);
    expect(found('pause or')).toEqual(['pause or resume the account']);
    expect(found('PAUSE OR')).toEqual(['pause or resume the account']);
    expect(found('select.next')).toEqual(['next row']);
    expect([found('nonsense'), titles({ query: 'nonsense' })]).toEqual([[], []]);
  });
});

describe('helpLines', () => {
  it('says everything at every width, in lines that fit', () => {
    for (let columns = 30; columns <= 200; columns += 1) {
      const lines = helpLines(theme, { columns, rows: 24 }, wish);
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      // Two columns stand side by side, so their wrapped texts are mixed.
      if (columns >= 96) continue;
      const text = words(lines.join(' '));
      for (const { does } of helpRows) expect(text).toContain(does);
    }
  });

  it('needs one line for a key on a tiny screen where its words have room', () => {
    const lines = helpLines(theme, { columns: 30, rows: 6 }, wish).map((line) => line.trimEnd());
    expect(lines).toContain(' a add an account');
    expect(lines).toContain(' z zoom the pane, or go back');
  });

  it('has its second column in one place on every line', () => {
    for (const columns of [100, 101, 130]) {
      const half = Math.floor((columns - 1) / 2);
      for (const line of helpLines(theme, { columns, rows: 30 }, wish)) {
        // A blank between, and one before each key and heading.
        expect(line.slice(half, half + 2).trim()).toBe('');
        expect(line.slice(half + 2, half + 3)).toMatch(/^\S?$|^ $/);
      }
    }
  });

  it('stands side by side where there is room, and the pane that has the keys in the first 27 lines', () => {
    for (const pane of ['accounts', 'requests'] as const) {
      const all = helpLines(theme, { columns: 100, rows: 30 }, { ...wish, pane });
      const sides = (lines: readonly string[]): string =>
        words([lines.map((line) => line.slice(0, 49)), lines.map((line) => line.slice(49))].flat().join(' '));
      for (const { does } of helpRows) expect(sides(all)).toContain(does);
      const [own] = helpGroups({ ...wish, pane });
      for (const { does } of own?.rows ?? []) expect(sides(all.slice(0, 27))).toContain(does);
    }
  });

  it('says so where nothing is found, whatever was looked for', () => {
    for (const [, text] of hostileText) {
      for (const line of helpLines(theme, { columns: 40, rows: 20 }, { ...wish, query: text })) {
        expect(line).not.toMatch(hostileCharacter);
        expect(displayWidth(line)).toBeLessThanOrEqual(40);
      }
    }
    const [said] = helpLines(theme, { columns: 40, rows: 20 }, { ...wish, query: 'zzz' });
    expect(said?.trim()).toBe('no key does zzz');
  });
});

describe('helpPlace', () => {
  it('tells how much of it is seen', () => {
    const { lines, height } = helpPlace(theme, { columns: 30, rows: 6 }, wish);
    expect(height).toBe(4);
    expect(lines).toBe(helpLines(theme, { columns: 30, rows: 6 }, wish).length);
  });
});

describe('helpTableFits', () => {
  it('is true from the size of the table on', () => {
    const { columns, rows } = helpTableSize;
    expect(helpTableFits({ columns, rows: rows + 2 })).toBe(true);
    expect(helpTableFits({ columns: columns - 1, rows: 90 })).toBe(false);
    expect(helpTableFits({ columns: 200, rows: rows + 1 })).toBe(false);
  });
});
