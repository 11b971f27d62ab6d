import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  cell,
  cellsWidth,
  line,
  numberCell,
  paragraph,
  shorten,
  spacer,
  paneTitle,
  titleLine,
} from '../../source/ui/line.ts';
import { createTheme } from '../../source/ui/theme.ts';

const mono = createTheme({ ascii: false, color: false });
const plain = createTheme({ ascii: true, color: false });
const color = createTheme({ ascii: false, color: true });
const cells = [cell('>', 'accent'), { text: 'work', width: 8 }, spacer, numberCell('68%', 5, 'faint')];

describe('line', () => {
  it('puts the cells into columns', () => {
    expect(line(mono, cells, 40)).toBe('> work        68%');
    expect(cellsWidth(cells)).toBe('> work        68%'.length);
  });

  it('is never wider than the columns', () => {
    for (let columns = 0; columns < 30; columns += 1) {
      expect(line(mono, cells, columns).length).toBeLessThanOrEqual(columns);
    }
  });

  it('looks the same with colours as without', () => {
    expect(stripVTControlCharacters(line(color, cells, 40, true))).toBe(line(mono, cells, 40));
  });

  it('is strong from end to end when selected', () => {
    const text = line(color, cells, 40, true);
    expect(text.startsWith('\u001B[1m')).toBe(true);
    expect(text.indexOf('\u001B[22m')).toBe(text.length - '\u001B[22m'.length);
  });
});

describe('shorten', () => {
  it('ends text that has no room with a mark, and leaves no blank behind any', () => {
    expect(shorten(mono, 'a key', 9)).toBe('a key');
    expect(shorten(mono, 'a key of the Claude Console', 9)).toBe('a key of…');
    expect(shorten(plain, 'a key of the Claude Console', 9)).toBe('a key of.');
  });
});

describe('paragraph', () => {
  it('is as many lines as the text needs, behind its margin, each painted by itself', () => {
    const place = { columns: 12, margin: 3, tone: 'bad' as const };
    expect(paragraph(color, 'not a good key', place)).toEqual([
      '   \u001B[31mnot a\u001B[39m',
      '   \u001B[31mgood key\u001B[39m',
    ]);
    expect(paragraph(mono, '', place)).toEqual([]);
  });

  it('is ASCII alone where the terminal can show no more, also where a word is cut', () => {
    const lines = paragraph(plain, 'von https://über.example/日本', { columns: 12, margin: 1 });
    expect(lines).toEqual([' von', ' https://?b.']);
  });
});

describe('titleLine', () => {
  it('fills the whole width', () => {
    const text = titleLine(mono, { title: 'Requests', note: 'FOLLOW', focused: true }, 30);
    expect(text).toBe('─ Requests ────────── FOLLOW ─');
    expect(titleLine(mono, { title: 'Accounts', note: '', focused: false }, 20)).toBe('─ Accounts ─────────');
  });

  it('has a mark for the pane with the keys, that needs no colour', () => {
    const title = { title: 'Requests', note: '' };
    expect(paneTitle(mono, { ...title, focused: true }, 20)).toBe('▸ Requests ─────────');
    expect(paneTitle(plain, { ...title, focused: true }, 20)).toBe('> Requests ---------');
    expect(paneTitle(mono, { ...title, focused: false }, 20)).toBe('─ Requests ─────────');
  });

  it('drops the note before it is too wide', () => {
    expect(titleLine(mono, { title: 'Requests', note: 'FOLLOW', focused: true }, 12)).toBe('─ Requests  ');
  });
});
