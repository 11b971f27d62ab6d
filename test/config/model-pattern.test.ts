import { expect, test } from 'vitest';
import { modelPattern, someOf } from '../../source/config/model-pattern.ts';

test('a pattern is a name, in which * may stand for any text', () => {
  for (const pattern of ['claude-opus-5-5', 'claude-*', '*']) {
    expect(modelPattern.parse(pattern)).toEqual({ ok: true, value: pattern });
  }
  for (const pattern of ['', 'two words', 'a,b', 'ü', 'x'.repeat(101), 7]) {
    expect(modelPattern.parse(pattern)).toMatchObject({ ok: false });
  }
});

test('a list of patterns names at least one', () => {
  const { parse } = someOf(modelPattern);
  expect(parse(['a', 'b*', 'a'])).toEqual({ ok: true, value: ['a', 'b*'] });
  expect(parse([])).toEqual({ ok: false, what: 'is an empty list', fix: 'name at least one' });
});
