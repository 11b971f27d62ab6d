import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sanitize } from '../../source/shared/sanitize.ts';

const lone = String.fromCharCode(0xd800);

/** What a hostile upstream, client or file name could carry, and what a person sees of it. */
const payloads: readonly (readonly [string, string, string])[] = [
  ['window title (OSC 0)', '\x1b]0;owned\x07', '\\x1b]0;owned\\x07'],
  ['window title (OSC 2), ended by ST', '\x1b]2;owned\x1b\\', '\\x1b]2;owned\\x1b\\'],
  ['hyperlink (OSC 8)', '\x1b]8;;http://evil\x07x\x1b]8;;\x07', '\\x1b]8;;http://evil\\x07x\\x1b]8;;\\x07'],
  ['clipboard (OSC 52)', '\x1b]52;c;cm0gLXJm\x07', '\\x1b]52;c;cm0gLXJm\\x07'],
  ['palette (OSC 4)', '\x1b]4;1;#000000\x07', '\\x1b]4;1;#000000\\x07'],
  ['clear the screen', '\x1b[2J\x1b[H', '\\x1b[2J\\x1b[H'],
  ['clear the scrollback', '\x1b[3J', '\\x1b[3J'],
  ['leave the alternate screen', '\x1b[?1049l', '\\x1b[?1049l'],
  ['mouse reporting', '\x1b[?1003h', '\\x1b[?1003h'],
  ['colour', '\x1b[31mred\x1b[0m', '\\x1b[31mred\\x1b[0m'],
  ['status report answered into the input', '\x1b[6n\x1b[c', '\\x1b[6n\\x1b[c'],
  ['device control string', '\x1bP$q"p\x1b\\', '\\x1bP$q"p\\x1b\\'],
  ['application program command', '\x1b_payload\x1b\\', '\\x1b_payload\\x1b\\'],
  ['privacy message', '\x1b^payload\x1b\\', '\\x1b^payload\\x1b\\'],
  ['full reset', '\x1bc', '\\x1bc'],
  ['CSI as one C1 character', '\x9b2J', '\\x9b2J'],
  ['OSC as one C1 character', '\x9d52;c;eA==\x9c', '\\x9d52;c;eA==\\x9c'],
  ['next line (C1)', 'a\x85b', 'a\\x85b'],
  ['bell', 'ding\x07', 'ding\\x07'],
  ['backspaces over a word', 'safe\b\b\b\bevil', 'safe\\x08\\x08\\x08\\x08evil'],
  ['carriage return over a line', 'visible\rhidden', 'visible\\rhidden'],
  ['line feed and tab', 'one\ntwo\tthree', 'one\\ntwo\\tthree'],
  ['delete and null', 'a\x7fb\x00c', 'a\\x7fb\\x00c'],
  ['shift out (line drawing set)', '\x0elqk\x0f', '\\x0elqk\\x0f'],
  ['a sequence inside a sequence', '\x1b[\x1b[31m1m', '\\x1b[\\x1b[31m1m'],
  ['an unterminated string', 'x\x1b]0;no end', 'x\\x1b]0;no end'],
  ['bidi override and isolate', 'exe\u202egpj.\u2066txt\u2069', 'exe\\u202egpj.\\u2066txt\\u2069'],
  [
    'zero width, byte order mark, soft hyphen',
    'a\u200bb\u200dc\ufeffd\u00ade',
    'a\\u200bb\\u200dc\\ufeffd\\xade',
  ],
];

describe('sanitize', () => {
  test('covers 28 payloads', () => {
    expect(payloads).toHaveLength(28);
  });

  test.each(payloads)('%s is shown, not obeyed', (_, hostile, shown) => {
    expect(sanitize(hostile)).toBe(shown);
  });

  test('halves of a surrogate pair, line separators, invisible fillers, tags and noncharacters are shown', () => {
    expect(sanitize(`a${lone}b\u2028c\u3164d\u{e0041}e\uffffe\ufe0f`)).toBe(
      'a\\ud800b\\u2028c\\u3164d\\u{e0041}e\\uffffe\\ufe0f',
    );
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
    const acted =
      /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])/;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 }), (units) => {
        const clean = sanitize(String.fromCharCode(...units));
        expect(acted.test(clean)).toBe(false);
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
