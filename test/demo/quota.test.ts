import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { spend, windowsAt, type QuotaWindow, type Spent, type Usage } from '../../source/demo/quota.ts';
import { asEpoch } from '../../source/shared/types.ts';

const usage = (parts: Partial<Usage>): Usage => ({
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  ...parts,
});
const window = (parts: Partial<QuotaWindow> = {}): QuotaWindow => ({
  id: '5h',
  measure: 'plan',
  quota: 1000,
  lengthMs: 100,
  anchor: asEpoch(50),
  scope: null,
  warnFrom: 0.75,
  ...parts,
});
const nothing: Spent = new Map();
const at = (now: number, parts: Partial<Usage>, model = 'm', requests = 1) => ({
  now: asEpoch(now),
  model,
  usage: usage(parts),
  requests,
});

describe('a window', () => {
  test('is allowed, then warned, then rejected, and its last request may pass the quota', () => {
    const windows = [window()];
    const states = [0, 749, 750, 999, 1000, 1080].map((input) => {
      const [now] = windowsAt(windows, spend(windows, nothing, at(60, { input })), asEpoch(60));
      return [now!.status, now!.utilization];
    });
    expect(states).toEqual([
      ['allowed', 0],
      ['allowed', 0.749],
      ['allowed_warning', 0.75],
      ['allowed_warning', 0.999],
      ['rejected', 1],
      ['rejected', 1.08],
    ]);
  });

  test('begins and ends at fixed moments, whenever it is used', () => {
    const windows = [window()];
    const spent = spend(windows, nothing, at(149, { input: 1000 }));
    expect(windowsAt(windows, spent, asEpoch(149))[0]).toMatchObject({ used: 1000, resetsAt: 150 });
    expect(windowsAt(windows, spent, asEpoch(150))[0]).toMatchObject({
      used: 0,
      resetsAt: 250,
      status: 'allowed',
    });
    expect(windowsAt(windows, spent, asEpoch(20))[0]).toMatchObject({ resetsAt: 50 });
  });

  test.each<[QuotaWindow['measure'], number]>([
    ['plan', 1000 + 200 + 30 + 4 + 50],
    ['tokens', 1000 + 200 + 30 + 4],
    ['input', 1000 + 30 + 4],
    ['output', 200],
    ['requests', 2],
  ])('that measures %s counts it', (measure, used) => {
    const windows = [window({ measure })];
    const parts = { input: 1000, output: 200, cacheRead: 500, cacheWrite5m: 30, cacheWrite1h: 4 };
    expect(windowsAt(windows, spend(windows, nothing, at(60, parts, 'm', 2)), asEpoch(60))[0]!.used).toBe(
      used,
    );
  });

  test('scoped to a model ignores the others', () => {
    const windows = [window({ scope: 'claude-fable' })];
    expect(spend(windows, nothing, at(60, { input: 9 }, 'claude-opus-5-5')).size).toBe(0);
    const spent = spend(windows, nothing, at(60, { input: 9 }, 'claude-fable-5-1'));
    expect(windowsAt(windows, spent, asEpoch(60), 'claude-opus-5-5')).toEqual([]);
    expect(windowsAt(windows, spent, asEpoch(60), 'claude-fable-5-1')).toHaveLength(1);
    expect(windowsAt(windows, spent, asEpoch(60))[0]!.used).toBe(9);
  });
});

test('nothing is lost or invented: what a period used is the sum of what was spent in it', () => {
  const spending = fc.array(fc.tuple(fc.integer({ min: 0, max: 1000 }), fc.nat(500)), { maxLength: 40 });
  fc.assert(
    fc.property(spending, (list) => {
      const windows = [window()];
      const ordered = list.toSorted(([a], [b]) => a - b);
      const spent = ordered.reduce((so, [now, input]) => spend(windows, so, at(now, { input })), nothing);
      const last = ordered.at(-1)?.[0] ?? 0;
      const period = (now: number): number => Math.floor((now - 50) / 100);
      const expected = ordered
        .filter(([now]) => period(now) === period(last))
        .reduce((sum, [, n]) => sum + n, 0);
      expect(windowsAt(windows, spent, asEpoch(last))[0]!.used).toBe(expected);
    }),
  );
});
