import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { limitHeaders, refusalHeaders, type HeaderList } from '../../source/demo/limit-headers.ts';
import type { WindowTruth } from '../../source/demo/quota.ts';
import { asEpoch } from '../../source/shared/types.ts';

type Fixture = { status: number; headers: Record<string, string> };
const fixture = (name: string): Fixture =>
  JSON.parse(readFileSync(new URL(`../fixtures/headers-${name}.json`, import.meta.url), 'utf8')) as Fixture;

const fiveHours = asEpoch(1_795_330_800_000);
const sevenDays = asEpoch(1_795_737_600_000);
const now = asEpoch(fiveHours - 7_999_000);
const truth = (
  id: string,
  utilization: number,
  resetsAt = id === '5h' ? fiveHours : sevenDays,
): WindowTruth => {
  const warned = utilization >= 0.75 ? 'allowed_warning' : 'allowed';
  return {
    id,
    scope: null,
    used: utilization * 1000,
    quota: 1000,
    utilization,
    status: utilization >= 1 ? 'rejected' : warned,
    resetsAt,
  };
};
/** What the recorded shape says about limits; utilization as a number, since 1.0 and 1.00 are the same. */
const comparable = (entries: HeaderList): Record<string, string | number> =>
  Object.fromEntries(
    entries
      .filter(([name]) => /ratelimit|retry/.test(name))
      .map(([name, value]) => [name, name.endsWith('utilization') ? Number(value) : value]),
  );
const recorded = (name: string): Record<string, string | number> =>
  comparable(Object.entries(fixture(name).headers));

describe('plan headers have the recorded shapes', () => {
  test('allowed', () => {
    const headers = limitHeaders('unified', [truth('5h', 0.42), truth('7d', 0.13)]);
    expect(comparable(headers)).toEqual(recorded('unified-allowed'));
    expect(refusalHeaders('unified', [truth('5h', 0.42)], now)).toBeNull();
  });

  test('warning: the status stands for the window that is nearly spent', () => {
    const { 'anthropic-ratelimit-unified-7d-surpassed-threshold': _, ...rest } = recorded('unified-warning');
    const headers = comparable(limitHeaders('unified', [truth('5h', 0.42), truth('7d', 0.94)]));
    expect(headers).toMatchObject(rest);
    expect(headers['anthropic-ratelimit-unified-7d-surpassed-threshold']).toBe('0.9');
  });

  test('5 hours spent', () => {
    const headers = refusalHeaders('unified', [truth('5h', 1.01), truth('7d', 0.13)], now);
    expect(comparable(headers!)).toEqual(recorded('unified-rejected-5h'));
  });

  test('7 days spent', () => {
    const at = asEpoch(sevenDays - 406_800_000);
    const headers = refusalHeaders('unified', [truth('5h', 0.42), truth('7d', 1)], at);
    expect(comparable(headers!)).toEqual({ ...recorded('unified-rejected-7d'), 'x-should-retry': 'true' });
  });

  test('the window of one model family spent', () => {
    const at = asEpoch(sevenDays - 406_800_000);
    const headers = refusalHeaders('unified', [truth('5h', 0.42), truth('7d', 0.13), truth('7d_oi', 1)], at);
    expect(comparable(headers!)).toEqual({
      ...recorded('unified-rejected-scoped-7d_oi'),
      'x-should-retry': 'true',
    });
  });

  test('two spent windows: the wait is for the last to come back', () => {
    const headers = comparable(refusalHeaders('unified', [truth('5h', 1), truth('7d', 1.2)], now)!);
    expect(headers['anthropic-ratelimit-unified-representative-claim']).toBe('seven_day');
    expect(headers['retry-after']).toBe(String((sevenDays - now) / 1000));
  });
});

describe('key headers', () => {
  test('have the recorded names, and times of the recorded form', () => {
    const windows = ['requests', 'tokens', 'input-tokens', 'output-tokens'].map((id) =>
      truth(id, 0.1, fiveHours),
    );
    const headers = limitHeaders('classic', windows);
    expect(headers.map(([name]) => name)).toEqual(Object.keys(recorded('classic-apikey')));
    const resets = headers.filter(([name]) => name.endsWith('-reset')).map(([, value]) => value);
    expect(resets).toEqual(Array.from({ length: 4 }, () => '2026-11-22T07:00:00Z'));
  });

  test('what remains of large token limits is rounded to thousands, and never negative', () => {
    const large = { ...truth('tokens', 0), quota: 96_000, used: 400 };
    const over = { ...truth('requests', 0), quota: 10, used: 12 };
    const headers = Object.fromEntries(limitHeaders('classic', [large, over]));
    expect(headers['anthropic-ratelimit-tokens-remaining']).toBe('96000');
    expect(headers['anthropic-ratelimit-requests-remaining']).toBe('0');
  });
});

test('a moment within a second is rounded up, so that waiting clients do not come too early', () => {
  const odd = truth('5h', 1, asEpoch(fiveHours + 1));
  const headers = Object.fromEntries(refusalHeaders('unified', [odd], fiveHours)!);
  expect(headers['anthropic-ratelimit-unified-5h-reset']).toBe(String(fiveHours / 1000 + 1));
  expect(headers['retry-after']).toBe('1');
});

test('an account without limits sends none', () => {
  expect(limitHeaders('none', [])).toEqual([]);
  expect(refusalHeaders('none', [], now)).toBeNull();
});

test('paid overage is told with what is used of it, and that it serves once a window is spent', () => {
  const overage = { utilization: 0.12, resetsAt: sevenDays };
  const names = (utilization: number): [string, string][] =>
    limitHeaders('unified', [truth('5h', utilization)], overage)
      .filter(([name]) => name.includes('-overage-'))
      .map(([name, value]) => [name.replace('anthropic-ratelimit-unified-overage-', ''), value]);
  const told = [
    ['status', 'allowed'],
    ['reset', String(sevenDays / 1000)],
    ['utilization', '0.12'],
  ];
  expect(names(0.42)).toEqual(told);
  expect(names(1.01)).toEqual([...told, ['in-use', 'true']]);
});
