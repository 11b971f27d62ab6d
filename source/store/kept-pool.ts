import type { PoolForecast } from '../shared/forecast.ts';
import type { AccountView, EpochMs } from '../shared/types.ts';
import { wholeSecond } from './kept-forecast.ts';
import { poolForecastOf } from './pool-forecast.ts';
import type { Trend, Use } from './trends.ts';

type Facts = readonly (string | number | null)[];

/** All of the accounts that a forecast is made of, as it is compared. */
const factsOf = (accounts: readonly AccountView[], at: EpochMs): Facts => [
  at,
  ...accounts.flatMap(({ id, kind, state, availableAt, caps, windows }) => [
    id,
    kind,
    state === 'serving' ? 'ready' : state,
    availableAt,
    caps === undefined ? null : JSON.stringify(caps),
    ...windows.flatMap((window) => [
      window.id,
      window.scope,
      window.status,
      window.utilization,
      window.resetsAt,
    ]),
  ]),
];

const isSame = (a: Facts, b: Facts): boolean =>
  a.length === b.length && a.every((fact, index) => fact === b[index]);

const kept = new WeakMap<readonly Trend[], { facts: Facts; forecast: PoolForecast | null }>();

/** The same as `poolForecastOf`, reckoned at most once in a second while nothing that it is made of changes. */
export const keptPool = (accounts: readonly AccountView[], use: Use, now: EpochMs): PoolForecast | null => {
  const at = wholeSecond(now);
  const facts = factsOf(accounts, at);
  const known = kept.get(use.trends);
  if (known !== undefined && isSame(known.facts, facts)) return known.forecast;
  const forecast = poolForecastOf(accounts, use, at);
  kept.set(use.trends, { facts, forecast });
  return forecast;
};
