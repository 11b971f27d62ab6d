import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJsonText } from '../../source/config/json-text.ts';

const problemsOf = (text: string): string[] => {
  const parsed = parseJsonText(text);
  return parsed.ok ? [] : parsed.problems;
};

/** Values as a settings file could hold them: shallow, without names that are refused. */
const sound = fc
  .jsonValue({ maxDepth: 6 })
  .filter((value) => !/"(?:__proto__|constructor|prototype)":/.test(JSON.stringify(value)));

describe('JSON text', () => {
  test('means what JSON.parse says it means', () => {
    fc.assert(
      fc.property(sound, fc.constantFrom(0, 2, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(parseJsonText(text)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
  });

  test('never throws and never pollutes, whatever it is', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"a"',
      '"__proto__"',
      ':',
      ',',
      '1',
      '\\',
      '"',
      ' ',
      '\uFEFF',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((list) => list.join('')),
        ),
        (text) => {
          parseJsonText(text);
          expect(Object.hasOwn(Object.prototype, 'a')).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test.each([
  ['', ['is empty; write {} into it, or remove the file']],
  [' \n', ['is empty; write {} into it, or remove the file']],
  ['\uFEFF{}', ['begins with a byte order mark; save it as UTF-8 without one']],
  ['{"a":1,"b":2,"a":3}', ['a: stands there twice; keep one of them']],
  ['{"t":{"x":1,"x":2}}', ['t.x: stands there twice; keep one of them']],
  ['{"a":1,"\\u0061":2}', ['a: stands there twice; keep one of them']],
  ['{"__proto__":{"polluted":1}}', ['__proto__: is not allowed as a name; remove it']],
  ['{"a":[{"constructor":1}]}', ['a.constructor: is not allowed as a name; remove it']],
  ['{"\\u005f_proto__":1}', ['__proto__: is not allowed as a name; remove it']],
])('the text %j is refused: %j', (text, problems) => {
  expect(problemsOf(text)).toEqual(problems);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('a repeated name in two different objects is fine', () => {
  expect(problemsOf('[{"a":1},{"a":2},{"b":{"a":"}"}}]')).toEqual([]);
});

test('text that is no JSON says where', () => {
  expect(problemsOf('{\n  "port": 4180,,\n}')[0]).toBe(
    'is not valid JSON (line 2, column 16); correct it, or move the file away',
  );
  expect(problemsOf('{"port": 41')[0]).toContain('is not valid JSON');
});

test('nesting is bounded before anything is read from it', () => {
  const nested = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
  expect(problemsOf(nested(20))).toEqual([]);
  expect(problemsOf(nested(50))[0]).toContain('nested too deep');
  expect(problemsOf('['.repeat(200_000))[0]).toMatch(/valid JSON|too deep/);
});
