import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  readMembers,
  removeMember,
  restoreEmpty,
  saysNothing,
  setMember,
} from '../../source/config/json-edit.ts';

const set = (text: string, key = 'NEW', raw = '"1"'): string => setMember(text, 'env', [key, raw]);

describe('setting a member keeps the way the file is written', () => {
  test.each([
    [
      'two spaces',
      '{\n  "env": {\n    "A": "a"\n  }\n}\n',
      '{\n  "env": {\n    "A": "a",\n    "NEW": "1"\n  }\n}\n',
    ],
    ['tabs', '{\n\t"env": {\n\t\t"A": "a"\n\t}\n}', '{\n\t"env": {\n\t\t"A": "a",\n\t\t"NEW": "1"\n\t}\n}'],
    ['CRLF', '{\r\n  "x": 1\r\n}\r\n', '{\r\n  "x": 1,\r\n  "env": {\r\n    "NEW": "1"\r\n  }\r\n}\r\n'],
    ['one line', '{"x":1,"env":{"A":"a"}}', '{"x":1,"env":{"A":"a","NEW":"1"}}'],
    ['one line with spaces', '{ "x": 1 }', '{ "x": 1, "env": { "NEW": "1" } }'],
    ['four spaces', '{\n    "x": 1\n}', '{\n    "x": 1,\n    "env": {\n        "NEW": "1"\n    }\n}'],
    ['no indentation', '{\n"x": 1\n}', '{\n"x": 1,\n"env": {\n"NEW": "1"\n}\n}'],
    ['an empty env', '{\n  "env": {},\n  "x": 1\n}', '{\n  "env": {\n    "NEW": "1"\n  },\n  "x": 1\n}'],
    ['an empty object', '{}', '{\n  "env": {\n    "NEW": "1"\n  }\n}'],
    [
      'blank lines between',
      '{\n  "a": 1,\n\n  "b": 2\n}',
      '{\n  "a": 1,\n\n  "b": 2,\n  "env": {\n    "NEW": "1"\n  }\n}',
    ],
    ['an odd colon', '{"a" : 1}', '{"a" : 1,"env" : {"NEW" : "1"}}'],
    ['no text', '', '{\n  "env": {\n    "NEW": "1"\n  }\n}\n'],
  ])('%s', (_, text, wanted) => {
    expect(set(text)).toBe(wanted);
  });

  test('a value that is there is replaced in place', () => {
    expect(set('{"env":{ "NEW" :null , "B":2}}')).toBe('{"env":{ "NEW" :"1" , "B":2}}');
  });

  test('names are compared as they mean, not as they are spelled', () => {
    expect(set('{"\\u0065nv":{"N\\u0045W":"0"}}')).toBe('{"\\u0065nv":{"N\\u0045W":"1"}}');
  });

  test('an env somewhere else is not touched', () => {
    const text = '{"mcp":{"env":{"NEW":"theirs"}},"list":[{"env":{}}],"env":{"NEW":"ours"}}';
    expect(set(text)).toBe(text.replace('ours', '1'));
  });
});

describe('removing', () => {
  test.each([
    ['the first', '{"env":{"NEW":1, "B":2}}', '{"env":{"B":2}}'],
    ['the last', '{"env":{"A":1, "NEW":2}}', '{"env":{"A":1}}'],
    ['the middle', '{"env":{"A":1, "NEW":2 , "B":3}}', '{"env":{"A":1 , "B":3}}'],
    ['the only one', '{"env":{ "NEW":2 }}', '{"env":{}}'],
    ['none', '{"env":{"A":1}}', '{"env":{"A":1}}'],
    ['none without the object', '{"x":1}', '{"x":1}'],
  ])('%s', (_, text, wanted) => {
    expect(removeMember(text, 'env', 'NEW')).toBe(wanted);
  });

  test('an object that is empty then goes back to what it was, or goes', () => {
    expect(restoreEmpty('{"a":1,"env":{}}', 'env', '{"a":1}')).toBe('{"a":1}');
    expect(restoreEmpty('{"env":{}}', 'env', '{ "env": { } }')).toBe('{"env":{ }}');
    expect(restoreEmpty('{"env":{"A":1}}', 'env', '{}')).toBe('{"env":{"A":1}}');
    expect(restoreEmpty('{"env":{}}', 'env', '')).toBe('{}');
    expect(['', ' \n', '{}', '{ }'].map(saysNothing)).toEqual([true, true, true, true]);
    expect(['{"a":1}', '[]', 'x', '{'].map(saysNothing)).toEqual([false, false, false, false]);
  });
});

describe('reading', () => {
  test('gives the members that are there, with their spelling and their value', () => {
    expect(readMembers('{"env":{"A":"\\u0061","B":[1]}}', 'env', ['A', 'B', 'C'])).toEqual({
      ok: true,
      members: [
        { key: 'A', raw: '"\\u0061"', value: 'a' },
        { key: 'B', raw: '[1]', value: [1] },
      ],
    });
    expect(readMembers('{}', 'env', ['A'])).toEqual({ ok: true, members: [] });
  });

  test.each([
    ['{"a":1,}', 'is not valid JSON (line 1, column 8, a name or a comma too many)'],
    ['{\n  // why\n  "a": 1\n}', 'is not valid JSON (line 2, column 3, a comment)'],
    ['/* why */ {}', 'is not valid JSON (line 1, column 1, a comment)'],
    ['{"a":1', /^is not valid JSON \(line 1, column \d/],
    ['{"a" 1}', /a colon is missing/],
    ['{"a":1 "b":2}', /a comma is missing/],
    ['{} {}', /something behind the end/],
    ['{"a":NaN}', /^is not valid JSON/],
    ['{"a":01}', /^is not valid JSON/],
    ['{"a":"\t"}', /^is not valid JSON/],
    ['\u00a0{}', /^is not valid JSON/],
    ['[]', 'is not a JSON object'],
    ['"x"', 'is not a JSON object'],
    ['{"env":[]}', 'has an env that is not an object'],
    ['{"env":null}', 'has an env that is not an object'],
    ['{"env":{},"env":{}}', 'says env twice'],
    ['{"env":{"A":1,"\\u0041":2}}', 'says env.A twice'],
  ])('%j is refused: %s', (text, problem) => {
    const reading = readMembers(text, 'env', ['A']);
    expect(reading.ok ? '' : reading.problem).toMatch(problem);
  });

  test('nesting beyond every stack is a problem, not a crash', () => {
    const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(readMembers(deep, 'env', ['A'])).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/deep|valid/),
    });
  });

  test('never throws, and accepts nothing that JSON.parse refuses', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"env"',
      '"A"',
      ':',
      ',',
      '1',
      '"x"',
      ' ',
      '\n',
      '//',
      'null',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 14 }), (parts) => {
        const text = parts.join('');
        const reading = readMembers(text, 'env', ['A']);
        if (!reading.ok || text.trim() === '') return;
        const value = JSON.parse(text) as { env?: Record<string, unknown> };
        expect(reading.members.map((member) => member.value)).toEqual(
          value.env !== undefined && 'A' in value.env ? [value.env['A']] : [],
        );
      }),
      { numRuns: 2000 },
    );
  });
});
