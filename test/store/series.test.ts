import { expect, test } from 'vitest';
import { asEpoch } from '../../source/shared/types.ts';
import { addToSeries, countInSeries, slotsOf, type Series } from '../../source/store/series.ts';
import { emptyTally, tallyRequest } from '../../source/store/tally.ts';
import { pricedSample } from './samples.ts';

const slotMs = 1000;
const at = (ms: number, model = 'm') => pricedSample(ms, { at: asEpoch(ms), model, costUsd: 0.5 });

test('each request counts in its own slot, whether it comes alone or in a sum, which stays as it was', () => {
  const series: Series = new Map();
  countInSeries(series, 'model', at(1999), slotMs);
  countInSeries(series, 'model', at(2000), slotMs);
  const sum = emptyTally();
  for (const ms of [2001, 2002]) tallyRequest(sum, 'model', at(ms), 10);
  addToSeries(series, '2000', sum);
  addToSeries(series, '2000', sum);
  const slots = slotsOf(series, 'm', ['1000', '2000', '3000']);
  expect(slots.map((slot) => [slot?.requests, slot?.costUsd])).toEqual([
    [1, 0.5],
    [5, 2.5],
    [0, null],
  ]);
  expect(sum.groups.get('m')?.requests).toBe(2);
});

test('names that clients make up find room for a hundred in a slot; of the others nothing is known', () => {
  const series: Series = new Map();
  for (let n = 0; n < 1000; n += 1) countInSeries(series, 'model', at(n, `model-${n}`), slotMs);
  expect(series.get('0')?.groups.size).toBe(100);
  expect(slotsOf(series, 'model-99', ['0', '1000']).map((slot) => slot?.requests)).toEqual([1, 0]);
  expect(slotsOf(series, 'model-100', ['0', '1000']).map((slot) => slot?.requests)).toEqual([undefined, 0]);
});
