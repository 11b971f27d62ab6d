import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSpent } from '../../source/balancer/limits.ts';
import { freshRuntime } from '../../source/balancer/account-state.ts';
import { readUsage, usageSeen } from '../../source/balancer/usage.ts';
import { asEpoch, type LimitWindow } from '../../source/shared/types.ts';
import { numRuns } from '../kit/long-run.ts';
import { later, now, window } from './sample.ts';

const bodyOf = (name: string): unknown => {
  const text = readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { body: unknown }).body;
};
const short = (windows: readonly LimitWindow[]) =>
  windows.map(({ id, scope, utilization, resetsAt }) => [
    id,
    scope,
    utilization,
    resetsAt === null ? null : new Date(resetsAt).toISOString(),
  ]);

describe('what the usage endpoint says', () => {
  test.each([
    [
      'usage-legacy',
      [
        ['5h', null, 0.19, '2026-11-22T06:00:00.288Z'],
        ['7d', null, 0.07, '2026-11-27T21:00:00.288Z'],
      ],
    ],
    [
      'usage-2026-limits',
      [
        ['5h', null, 0.425, '2026-11-22T06:00:00.000Z'],
        ['7d', null, 0.71, '2026-11-27T09:00:00.000Z'],
        ['7d_oi', 'fable', 0.57, '2026-11-27T09:00:00.000Z'],
        ['overage', null, 0.2, null],
      ],
    ],
    [
      'usage-limits-only',
      [
        ['5h', null, 0.52, '2026-11-22T06:00:00.000Z'],
        ['7d', null, 0.2, '2026-11-27T14:00:00.000Z'],
      ],
    ],
    ['usage-429', []],
  ])('%s', (name, windows) => {
    const read = readUsage(bodyOf(name), now);
    expect(short(read)).toEqual(windows);
    expect(
      read.every(({ source, seenAt, status }) => source === 'usage' && seenAt === now && status === null),
    ).toBe(true);
  });

  test('a window of one family has the name that headers give it, and one of other apps is none of ours', () => {
    const week = { utilization: 100, resets_at: '2026-11-27T21:00:00Z' };
    const body = { seven_day_opus: week, seven_day_oauth_apps: week, extra_usage: week, five_hour: null };
    expect(short(readUsage(body, now))).toEqual([['7d_opus', 'opus', 1, '2026-11-27T21:00:00.000Z']]);
    const scoped = (model: unknown) => ({
      limits: [{ kind: 'weekly_scoped', percent: 5, scope: { model } }],
    });
    expect(short(readUsage(scoped({ display_name: 'Claude Opus 5' }), now))).toEqual([
      ['7d_opus', 'opus', 0.05, null],
    ]);
    expect(short(readUsage(scoped({ id: 'claude-sonnet-5-5', display_name: null }), now))).toEqual([
      ['7d_sonnet', 'sonnet', 0.05, null],
    ]);
    expect(readUsage(scoped(null), now)).toEqual([]);
  });

  test('what is paid for beyond the plan counts where it is switched on, in the newer shape before the older', () => {
    const extra = (is_enabled: unknown, utilization = 20) => ({ extra_usage: { is_enabled, utilization } });
    const spend = (enabled: unknown, percent = 40) => ({ spend: { enabled, percent } });
    expect(short(readUsage(extra(true), now))).toEqual([['overage', null, 0.2, null]]);
    expect(short(readUsage({ ...extra(true), ...spend(true) }, now))).toEqual([['overage', null, 0.4, null]]);
    for (const off of [extra(false), extra('yes'), spend(false), { ...extra(true), ...spend(false) }]) {
      expect(readUsage(off, now)).toEqual([]);
    }
  });

  test('of a spent window counts as that of an answer; a reset that is over or too far away does not', () => {
    const [spent] = readUsage({ five_hour: { utilization: 100, resets_at: '2026-11-22T06:00:00Z' } }, now);
    expect(spent && isSpent(spent, now)).toBe(true);
    const resets = ['2026-11-22T03:00:00Z', 'tomorrow', null, 1_795_000_000, '2027-11-22T03:00:00Z'];
    const read = resets.map(
      (resets_at) => readUsage({ five_hour: { utilization: 1, resets_at } }, now)[0]?.resetsAt,
    );
    expect(read).toEqual([null, null, null, null, later(8 * 24 * 3_600_000)]);
  });

  test('is never more than can be kept, whatever it says, and never an error', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string(), (value, word) => {
        for (const body of [
          value,
          { five_hour: value },
          { limits: value },
          { limits: [value, { kind: word, percent: value }] },
        ]) {
          for (const { utilization } of readUsage(body, now)) expect(utilization).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns },
    );
    const many = Array.from({ length: 500 }, (_, index) => ({
      kind: 'weekly_scoped',
      percent: 1,
      scope: { model: { display_name: String.fromCharCode(97 + (index % 26), 97 + Math.floor(index / 26)) } },
    }));
    expect(readUsage({ limits: many }, now).length).toBeLessThanOrEqual(32);
  });
});

const seen = (windows: readonly LimitWindow[], told: readonly LimitWindow[]): readonly LimitWindow[] =>
  usageSeen({ ...freshRuntime, windows }, told).windows;

test('what an answer has told since it was asked stays; older windows, and those nobody knew, are taken over', () => {
  const fresh = window('5h', { utilization: 0.9, seenAt: asEpoch(now + 1) });
  const old = window('7d', { utilization: 0.2, seenAt: later(-600_000) });
  const told = readUsage(bodyOf('usage-2026-limits'), now);
  expect(short(seen([fresh, old], told)).map(([id, , utilization]) => [id, utilization])).toEqual([
    ['5h', 0.9],
    ['7d', 0.71],
    ['7d_oi', 0.57],
    ['overage', 0.2],
  ]);
  expect(seen([], told)).toEqual(told);
  expect(seen([fresh], [])).toEqual([fresh]);
});
