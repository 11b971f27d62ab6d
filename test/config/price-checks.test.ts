import { describe, expect, test } from 'vitest';
import { sentencesOf } from '../../source/config/checks.ts';
import { priceEntries } from '../../source/config/price-checks.ts';
import { settingFromText } from '../../source/config/schema.ts';
import list from '../../source/store/price-list.json' with { type: 'json' };

const problemsOf = (value: unknown): string[] => {
  const checked = priceEntries.parse(value);
  return checked.ok ? [] : sentencesOf('prices', checked);
};

test('the list prices have the form that the setting asks for', () => {
  expect(priceEntries.parse(list.prices)).toEqual({ ok: true, value: list.prices });
});

test('everything that is wrong is named at once, and where', () => {
  expect(
    problemsOf([
      { model: 'a', input: 1, output: 2 },
      { model: '', input: '1', cacheRead: -1, from: '2026-02-30', above: 0.5, promt: 1 },
      7,
    ]),
  ).toEqual([
    'prices[1]: "promt" is not known; use model, from, above, input, output, cacheWrite5m, cacheWrite1h, cacheRead',
    'prices[1].model: "" is no model; use the name that requests have',
    'prices[1].from: "2026-02-30" is no day; use one such as 2026-10-07',
    'prices[1].above: 0.5 is no number of tokens; use a whole number from 0',
    'prices[1].input: "1" is no price; use USD per million tokens, from 0',
    'prices[1].output: is missing; use USD per million tokens, from 0',
    'prices[1].cacheRead: -1 is no price; use USD per million tokens, from 0',
    'prices[2]: 7 is no price; use an object',
  ]);
});

describe('from a command line', () => {
  test('it is JSON, and nothing for none', () => {
    expect(settingFromText('prices', '')).toEqual([]);
    expect(settingFromText('prices', '[{"model":"m","input":1,"output":2}]')).toEqual([
      { model: 'm', input: 1, output: 2 },
    ]);
  });

  test.each([
    ['m=1', /not a list of prices; |not a list of prices/],
    ['{"model":"m"}', /not a list of prices/],
    ['[{"model":"m"}]', /2 problems/],
    ['[{"model":"m","input":1}]', /prices\[0\]\.output: is missing/],
  ])('%s is wrong usage', (text, message) => {
    expect(() => settingFromText('prices', text)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringMatching(message) }),
    );
  });
});

test.each([
  [Array.from({ length: 501 }, () => ({ model: 'm', input: 1, output: 1 }))],
  [{ toString: 1 }],
  [null],
])('what is no short list is refused, whatever it is', (value) => {
  expect(problemsOf(value)).toHaveLength(1);
});
