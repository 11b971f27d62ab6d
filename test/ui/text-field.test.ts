import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../source/shared/display-width.ts';
import { createTheme } from '../../source/ui/theme.ts';
import {
  drawField,
  editField,
  emptyField,
  fieldOf,
  fieldText,
  insertText,
  typedCharacter,
} from '../../source/ui/text-field.ts';
import { hostileCharacter } from '../kit/hostile-text.ts';
import { hostileTyping } from './hostile-typing.ts';

const theme = createTheme({ ascii: true, color: false });
const after = (text: string, ...names: string[]): string =>
  fieldText(names.reduce((field, name) => editField(field, name), fieldOf(text)));

describe('editField', () => {
  it.each([
    ['abc', ['d'], 'abcd'],
    ['abc', ['space'], 'abc '],
    ['abc', ['backspace', 'x'], 'abx'],
    ['abc', ['left', 'left', 'x'], 'axbc'],
    ['abc', ['home', 'x', 'end', 'y'], 'xabcy'],
    ['abc', ['ctrl+a', 'delete', 'ctrl+e', 'y'], 'bcy'],
    ['abc', ['home', 'left', 'delete', 'right', 'x'], 'bxc'],
    ['abc', ['left', 'ctrl+u'], 'c'],
    ['https://relay.example/v1', ['ctrl+w'], 'https://relay.example/'],
    ['https://relay.example/', ['ctrl+w'], 'https://relay.example'],
    ['two words  ', ['ctrl+w'], 'two '],
    ['äö日', ['backspace', 'backspace'], 'ä'],
  ])('%j and %j give %j', (text, names, result) => {
    expect(after(text, ...names)).toBe(result);
  });

  it('leaves the very same field where a key means nothing to a text', () => {
    const field = fieldOf('abc');
    for (const name of ['tab', 'enter', 'escape', 'up', 'ctrl+c', 'pagedown', 'constructor']) {
      expect(editField(field, name)).toBe(field);
    }
  });

  it('never loses or makes up text while only the cursor moves', () => {
    const moves = fc.array(fc.constantFrom('left', 'right', 'home', 'end', 'ctrl+a', 'ctrl+e'));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), moves, (text, names) => {
        expect(after(text, ...names)).toBe(text);
      }),
    );
  });
});

describe('typedCharacter', () => {
  it('takes a letter and the space bar for text, and the names of other keys not', () => {
    expect(['a', 'Z', 'ö', '日', '😀'].map(typedCharacter)).toEqual(['a', 'Z', 'ö', '日', '😀']);
    expect(typedCharacter('space')).toBe(' ');
    expect(['tab', 'f1', 'ctrl+u', '\u0003', '\u007F', ''].map(typedCharacter)).toEqual(
      Array.from({ length: 6 }, () => null),
    );
  });
});

describe('drawField', () => {
  it('shows where the cursor is', () => {
    expect(drawField(theme, fieldOf('abc'), 10)).toBe('abc|');
    expect(drawField(theme, editField(fieldOf('abc'), 'left'), 10)).toBe('ab|c');
    expect(drawField(theme, emptyField, 10)).toBe('|');
  });

  it('keeps the end of a long text in view while that is edited', () => {
    const unicode = createTheme({ ascii: false, color: false });
    expect(drawField(unicode, fieldOf('https://relay.example'), 10)).toBe('….example▏');
  });

  it('is never wider than its room, and lets nothing through that a terminal acts on', () => {
    const wide = createTheme({ ascii: false, color: false });
    fc.assert(
      fc.property(hostileTyping, fc.integer({ min: 2, max: 40 }), (text, width) => {
        const drawn = drawField(wide, insertText(emptyField, text), width);
        expect(displayWidth(drawn)).toBeLessThanOrEqual(width);
        expect(drawn).not.toMatch(hostileCharacter);
      }),
    );
  });
});
