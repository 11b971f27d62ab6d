import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PricedRequest } from '../../source/store/state.ts';
import {
  addTally,
  dimensions,
  emptyTally,
  parseTally,
  tallyRequest,
  tallyText,
  type Dimension,
  type Tally,
} from '../../source/store/tally.ts';
import { pricedSample } from './samples.ts';

const tallyOf = (dimension: Dimension, fields: Partial<PricedRequest>[], limit = 100): Tally => {
  const tally = emptyTally();
  for (const [index, each] of fields.entries()) {
    tallyRequest(tally, dimension, pricedSample(index, each), limit);
  }
  return tally;
};

const keysBy = (dimension: Dimension, fields: Partial<PricedRequest>): unknown[] => [
  ...tallyOf(dimension, [fields]).groups.keys(),
];

test('each dimension has its key; an unknown model is the one that served, and then nobody knows', () => {
  expect(dimensions.map((dimension) => keysBy(dimension, {})[0])).toEqual([
    null,
    'work',
    'claude-opus-5-5',
    'default',
    'session-1',
  ]);
  expect(keysBy('model', { model: null, upstreamModel: 'served' })).toEqual(['served']);
  expect(keysBy('account', { account: null })).toEqual([null]);
});

test('a hundred thousand names of models are no more than there is room for, and none is lost', () => {
  const tally = emptyTally();
  for (let n = 0; n < 100_000; n += 1) {
    tallyRequest(tally, 'model', pricedSample(1, { model: `model-${n}` }), 500);
  }
  expect(tally.groups.size).toBe(500);
  expect(tally.others?.requests).toBe(99_500);
  expect(tallyText(tally).length).toBeLessThan(200_000);
  const sum = emptyTally();
  addTally(sum, tally, 10);
  expect([...sum.groups.values()].map(({ requests }) => requests)).toEqual(Array(10).fill(1));
  expect(sum.others?.requests).toBe(99_990);
});

test('the text of a tally is the tally, whatever its keys are', () => {
  const letter = fc.constantFrom('a', '\0', '\ud800', '"', '\u{1f600}');
  const key = fc.oneof(fc.constantFrom(null, '__proto__', ''), fc.string({ unit: letter, maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(key, { maxLength: 20 }), fc.integer({ min: 1, max: 9 }), (sessions, limit) => {
      const tally = tallyOf(
        'session',
        sessions.map((session, n) => ({ session, costUsd: n / 4 })),
        limit,
      );
      const text = tallyText(tally);
      const back = parseTally(text);
      expect(back === null ? null : tallyText(back)).toBe(text);
      expect([...(back?.groups.keys() ?? [])]).toEqual([...tally.groups.keys()]);
    }),
  );
});

test('what is no text of a tally is none', () => {
  const good = tallyText(tallyOf('account', [{}, { account: 'home' }], 1));
  expect(parseTally(good)).not.toBeNull();
  for (const bad of [
    '',
    '{',
    'null',
    '[]',
    '{}',
    '{"groups":[[1,[]]],"others":null}',
    good.replace('[[', '[[['),
  ]) {
    expect(parseTally(bad)).toBeNull();
  }
  for (const value of ['"1"', 'true', '{"toString":1}']) {
    expect(parseTally(good.replace(/\[\[1,/, `[[${value},`))).toBeNull();
  }
  fc.assert(
    fc.property(fc.json(), (text) => void parseTally(text)),
    { numRuns: 50 },
  );
});
