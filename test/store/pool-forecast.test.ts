import { describe, expect, test } from 'vitest';
import { asEpoch, type AccountView, type LimitWindow } from '../../source/shared/types.ts';
import { poolForecastOf } from '../../source/store/pool-forecast.ts';
import { noUse, served, windowsSeen, type Use } from '../../source/store/trends.ts';
import { accountId, accountView } from './samples.ts';
import { begun, hour, minute, windowAt } from './trend-samples.ts';

const now = asEpoch(begun + hour);
const minutesUntilDry = (found: ReturnType<typeof poolForecastOf>): number | null | undefined =>
  found === null ? undefined : found.dryAt === null ? null : (found.dryAt - now) / minute;

type Told = {
  name: string;
  from: number;
  to: number;
  usd?: number;
  fields?: Partial<AccountView>;
  window?: Partial<LimitWindow>;
};

/** Accounts whose windows went evenly from one share to another within the last hour. */
const pool = (...told: readonly Told[]): { accounts: AccountView[]; use: Use } => {
  let use = noUse;
  const accounts = told.map(({ name, from, to, usd = 0, fields, window }) => {
    const id = accountId(name);
    for (let step = 0; step <= 30; step += 1) {
      const used = Math.floor((from + ((to - from) * step) / 30) * 100 + 1e-9) / 100;
      if (usd > 0 && step > 0) use = served(use, id, usd / 30);
      use = windowsSeen(use, id, [windowAt(begun + step * 2 * minute, used, window)]);
    }
    return accountView(name, { kind: 'login', windows: [windowAt(now, to, window)], ...fields });
  });
  return { accounts, use };
};

const forecast = (...told: readonly Told[]): number | null | undefined => {
  const { accounts, use } = pool(...told);
  return minutesUntilDry(poolForecastOf(accounts, use, now));
};

test('one account is dry when its window is empty', () => {
  expect(forecast({ name: 'work', from: 0, to: 0.5 })).toBeGreaterThan(50);
  expect(forecast({ name: 'work', from: 0, to: 0.5 })).toBeLessThan(70);
});

test('what one account cannot serve goes to the others, until the last is empty', () => {
  // Half a window an hour; 0.5 and 0.8 are left.
  const dry = forecast({ name: 'work', from: 0, to: 0.5 }, { name: 'home', from: 0.2, to: 0.2 });
  expect(dry).toBeGreaterThan(135);
  expect(dry).toBeLessThan(175);
});

test('it lasts when an account is back before the others are empty', () => {
  const limited: Told = {
    name: 'home',
    from: 1,
    to: 1,
    fields: { state: 'limited', availableAt: asEpoch(now + 20 * minute) },
    window: { resetsAt: asEpoch(now + 20 * minute) },
  };
  expect(forecast({ name: 'work', from: 0, to: 0.3 }, limited)).toBeNull();
  expect(forecast({ name: 'work', from: 0, to: 0.3 })).not.toBeNull();
});

test('an account in a state that only a person can end does not count', () => {
  const paused: Told = { name: 'home', from: 0, to: 0, fields: { state: 'paused', paused: true } };
  expect(forecast({ name: 'work', from: 0, to: 0.5 }, paused)).toBeLessThan(70);
});

describe('accounts of different size', () => {
  test('are told apart by what a hundredth of each was worth', () => {
    // The same money made 40 % of the small and 2 % of the large plan.
    const small: Told = { name: 'small', from: 0, to: 0.4, usd: 4 };
    const large: Told = { name: 'large', from: 0, to: 0.04, usd: 4 };
    expect(forecast(small, large)).toBeNull();
    expect(forecast({ ...small, usd: 0 }, { ...large, from: 0.5, to: 0.54, usd: 0 })).toBeLessThan(150);
  });
});

test('a key without quota windows never runs dry', () => {
  const { accounts, use } = pool({ name: 'work', from: 0, to: 0.5 });
  const key = accountView('key', { windows: [] });
  expect(minutesUntilDry(poolForecastOf([...accounts, key], use, now))).toBeNull();
});

test('it is dry now when nobody can serve', () => {
  const spent = { state: 'limited' as const, availableAt: asEpoch(now + 4 * hour) };
  expect(forecast({ name: 'work', from: 0.5, to: 1, fields: spent })).toBe(0);
});

test('nothing is foretold while nothing is known of the use', () => {
  expect(poolForecastOf([], noUse, now)).toBeNull();
  expect(poolForecastOf([accountView('work')], noUse, now)).toBeNull();
  expect(forecast({ name: 'work', from: 0.5, to: 0.5 })).toBeUndefined();
});

test('a cap ends an account as its limit does', () => {
  const capped = forecast({ name: 'work', from: 0, to: 0.5, fields: { caps: { '5h': 0.75 } } });
  expect(capped).toBeGreaterThan(20);
  expect(capped).toBeLessThan(40);
});
