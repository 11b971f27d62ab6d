import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { cell, cellsWidth, line, numberCell, spacer, titleLine } from '../../source/ui/line.ts';
import { createTheme } from '../../source/ui/theme.ts';

const mono = createTheme({ ascii: false, color: false });
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

describe('titleLine', () => {
  it('fills the whole width', () => {
    const text = titleLine(mono, { title: 'Requests', note: 'FOLLOW', focused: true }, 30);
    expect(text).toBe('─ Requests ────────── FOLLOW ─');
    expect(titleLine(mono, { title: 'Accounts', note: '', focused: false }, 20)).toBe('─ Accounts ─────────');
  });

  it('drops the note before it is too wide', () => {
    expect(titleLine(mono, { title: 'Requests', note: 'FOLLOW', focused: true }, 12)).toBe('─ Requests  ');
  });
});
