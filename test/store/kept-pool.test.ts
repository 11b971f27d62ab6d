import { expect, test } from 'vitest';
import { asEpoch } from '../../source/shared/types.ts';
import { wholeSecond } from '../../source/store/kept-forecast.ts';
import { keptPool } from '../../source/store/kept-pool.ts';
import { poolForecastOf } from '../../source/store/pool-forecast.ts';
import { noUse } from '../../source/store/trends.ts';
import { accountView } from './samples.ts';
import { begun, hour, trendOf, windowAt } from './trend-samples.ts';

const now = asEpoch(begun + hour + 300);
const use = { ...noUse, trends: [trendOf((ms) => (0.4 * ms) / hour, { from: 0, to: hour })] };
const account = accountView('work', { windows: [windowAt(now, 0.4)] });

test('the forecast of all accounts is the same object for a second of requests that change nothing of it', () => {
  const first = keptPool([account], use, now);
  expect(first).toEqual(poolForecastOf([account], use, wholeSecond(now)));
  expect(first?.dryAt).not.toBeNull();
  const busy = { ...account, state: 'serving' as const, inFlight: 3, requests: 9 };
  const served = { ...use, servedUsd: { [account.id]: 3 } };
  expect(keptPool([busy], served, asEpoch(now + 600))).toBe(first);
  expect(keptPool([busy], served, asEpoch(now + 900))).not.toBe(first);
});

test.each([
  ['a share', { windows: [windowAt(now, 0.9)] }],
  ['a cap', { caps: { '5h': 0.5 } }],
  ['a state', { state: 'paused' as const }],
  ['when it is back', { state: 'limited' as const, availableAt: asEpoch(begun + 4 * hour) }],
])('%s that changes is reckoned with at once', (_, fields) => {
  const changed = [{ ...account, ...fields }];
  keptPool([account], use, now);
  expect(keptPool(changed, use, now)).toEqual(poolForecastOf(changed, use, wholeSecond(now)));
});

test('without trends there is none, however often one looks', () => {
  expect(keptPool([account], noUse, now)).toBeNull();
  expect(keptPool([account], noUse, now)).toBeNull();
});
