import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHiddenLine } from '../../source/commands/hidden-line.ts';

const type = (...texts: string[]) => {
  const line = createHiddenLine();
  const said = texts.map((text) => line.feed(text));
  return { said: said.at(-1), value: line.value() };
};

describe('a hidden line', () => {
  it.each([
    ['abc\r', 'abc'],
    ['abc\n', 'abc'],
    ['abx\x7fc\r', 'abc'],
    ['ab\b\b\b\bc\r', 'c'],
    ['wrong\x15abc\r', 'abc'],
    ['a\x1b[Ab\x1b[1;5Cc\x1bOA\r', 'abc'],
    ['a\x1b[3~bc\r', 'abc'],
    ['äö\x7f\r', 'ä'],
    ['a\tbc\r', 'abc'],
    ['abc\x04', 'abc'],
  ])('%j gives %j', (typed, value) => {
    expect(type(typed)).toEqual({ said: 'done', value });
  });

  it('is given up with ctrl+c, and with ctrl+d while empty', () => {
    expect(type('abc', '\x03').said).toBe('cancelled');
    expect(type('\x04').said).toBe('cancelled');
  });

  it('takes a bracketed paste literally and waits for Enter', () => {
    expect(type('\x1b[200~sk-ant\x03\x7f\x15key\x1b[201~').said).toBe('more');
    expect(type('\x1b[200~a\x03\x7fb\x1b[201~', '\r')).toEqual({ said: 'done', value: 'a\x03\x7fb' });
  });

  it('takes the line break that came with a paste for no part of the secret', () => {
    expect(type('\x1b[200~key\r\n\x1b[201~\r')).toEqual({ said: 'done', value: 'key' });
    expect(type('\x1b[200~two\nlines\x1b[201~\r').value).toBe('two\nlines');
  });

  it('gives the same line however the terminal cut it', () => {
    const typed = 'a\x1b[200~b\x1b[Ac\r\x1b[201~d\x1b[1;2De\x7ff\r';
    const whole = type(typed);
    fc.assert(
      fc.property(fc.array(fc.nat(typed.length), { maxLength: 6 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), typed.length];
        const pieces = at.slice(1).map((end, index) => typed.slice(at[index], end));
        expect(type(...pieces).value).toBe(whole.value);
      }),
    );
    expect(whole).toEqual({ said: 'done', value: 'ab\x1b[Ac\rdf' });
  });

  it('keeps every printable character of a pasted secret', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (secret) => {
        expect(type(`\x1b[200~${secret}\x1b[201~`, '\r').value).toBe(secret);
      }),
    );
  });
});
