import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecretField, type SecretField } from '../../source/ui/secret-field.ts';

const textOf = (field: SecretField): string => Buffer.from(field.copy()).toString('utf8');

describe('a hidden line', () => {
  it('gives back as bytes what was put in, whatever it was', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 8 }), (pieces) => {
        const field = createSecretField();
        for (const piece of pieces) expect(field.insert(piece)).toBe(true);
        expect(textOf(field)).toBe(pieces.join(''));
        expect(field.length()).toBe(Array.from(pieces.join('')).length);
      }),
      { numRuns: 50 },
    );
  });

  it('is corrected like any line, a character at a time', () => {
    const field = createSecretField();
    for (const name of ['a', 'ö', '日', 'backspace', 'space', 'b']) expect(field.press(name)).toBe(true);
    expect(textOf(field)).toBe('aö b');
    for (let n = 0; n < 9; n += 1) field.press('backspace');
    expect(field.length()).toBe(0);
  });

  it.each(['ctrl+u', 'ctrl+w'])('%s empties it', (name) => {
    const field = createSecretField();
    field.insert('sk-ant');
    expect(field.press(name)).toBe(true);
    expect(textOf(field)).toBe('');
  });

  it('leaves keys alone that are for the form', () => {
    const field = createSecretField();
    for (const name of ['tab', 'enter', 'escape', 'up', 'left']) expect(field.press(name)).toBe(false);
    expect(field.length()).toBe(0);
  });

  it('takes nothing of what is longer than any credential', () => {
    const field = createSecretField();
    field.insert('ab');
    expect(field.insert('x'.repeat(70_000))).toBe(false);
    expect(textOf(field)).toBe('ab');
  });

  it('gives copies that outlive its own wiping', () => {
    const field = createSecretField();
    field.insert('sk-ant');
    const copy = field.copy();
    field.wipe();
    expect(textOf(field)).toBe('');
    expect(Buffer.from(copy).toString()).toBe('sk-ant');
  });
});
