import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { safeJson, sanitize } from '../../source/shared/sanitize.ts';
import { awkwardText, hostileCharacter, hostileText } from '../kit/hostile-text.ts';

describe('sanitize', () => {
  test('covers 28 payloads', () => {
    expect(hostileText).toHaveLength(28);
    for (const [, text] of hostileText) expect(text).toMatch(hostileCharacter);
  });

  test.each([...hostileText, ...awkwardText])('%s is shown, not obeyed', (_, hostile, shown) => {
    expect(sanitize(hostile)).toBe(shown);
  });

  test('ordinary text of any script, and emoji, stay as they are', () => {
    const text = 'claude-opus-5-5 · Grüße, 漢字 Ελληνικά עברית 🚀 C:\\new "q"';
    expect(sanitize(text)).toBe(text);
  });

  test('text over the limit ends with an ellipsis within it, without half an escape or half a character', () => {
    expect(sanitize('abcdef', 6)).toBe('abcdef');
    expect(sanitize('abcdefg', 6)).toBe('abcde…');
    expect(sanitize('abcd\x1bx', 6)).toBe('abcd…');
    expect(sanitize('abcd🚀x', 6)).toBe('abcd…');
    expect(sanitize('x'.repeat(300))).toHaveLength(200);
    expect(sanitize('x', 0)).toBe('');
  });

  const text = fc.string({ unit: 'binary', maxLength: 60 });

  test('nothing that a terminal acts on comes through, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 }), (units) => {
        const clean = sanitize(String.fromCharCode(...units));
        expect(hostileCharacter.test(clean)).toBe(false);
        expect(clean.isWellFormed()).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('is idempotent and bounded', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 70 }), (value, max) => {
        const once = sanitize(value, max);
        expect(once.length).toBeLessThanOrEqual(max);
        expect(sanitize(once, max)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });

  test('a megabyte of control characters is cut without looking at all of it', () => {
    const hostile = '\x1b'.repeat(1_000_000);
    const start = performance.now();
    for (let n = 0; n < 100; n += 1) sanitize(hostile);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('safeJson', () => {
  test.each([...hostileText, ...awkwardText])('%s is the same value, in ordinary characters', (_, text) => {
    const json = safeJson({ [text]: [text] });
    expect(json).not.toMatch(hostileCharacter);
    expect(JSON.parse(json)).toEqual({ [text]: [text] });
  });

  test('is exact for any value, on one line, and nothing in it acts on a terminal', () => {
    const units = fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
      .map((codes) => String.fromCharCode(...codes));
    fc.assert(
      fc.property(fc.oneof(units, fc.string({ unit: 'binary' })), fc.jsonValue(), (text, value) => {
        const json = safeJson([text, value]);
        expect(json).not.toMatch(hostileCharacter);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify([text, value])));
      }),
      { numRuns: 500 },
    );
  });

  test('ordinary text of any script stays as it is', () => {
    expect(safeJson('Grüße, 漢字 🚀')).toBe('"Grüße, 漢字 🚀"');
  });
});
