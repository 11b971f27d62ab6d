import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { weeklyReset, weeklyShare, windowLength } from '../../source/balancer/weekly-share.ts';
import { numRuns } from '../kit/long-run.ts';
import { day, later, now, window } from './sample.ts';

const hour = 3_600_000;
const week = (utilization: number | null, ms: number, id = '7d') =>
  window(id, {
    utilization,
    resetsAt: later(ms),
    scope: id.includes('_') ? id.slice(3) : null,
  });

test.each([
  ['5h', 5 * hour],
  ['7d', 7 * day],
  ['7d_oi', 7 * day],
  ['30m', 30 * 60_000],
  ['requests', null],
  ['input-tokens', null],
  ['5 h', null],
])('the length of %s is %s', (id, ms) => expect(windowLength(id)).toBe(ms));

describe('the share of a week left per hour', () => {
  const share = (windows: ReturnType<typeof week>[], model: string | null = null): number =>
    weeklyShare({ windows }, model, now);

  test('is what is left over the hours until the reset', () => {
    expect(share([week(0.5, 10 * hour)])).toBeCloseTo(0.05);
    expect(share([week(1, 10 * hour)])).toBe(0);
    expect(share([week(1.2, 10 * hour)])).toBe(0);
  });

  test('does not run away in the last hour', () => {
    expect(share([week(0.9, 60_000)])).toBeCloseTo(0.1);
  });

  test('is unknown without a week', () => {
    expect(share([])).toBe(Infinity);
    expect(share([window('5h'), window('requests', { status: null })])).toBe(Infinity);
    expect(share([week(null, hour)])).toBe(Infinity);
  });

  test('of a week whose reset has passed is that of a new one', () => {
    expect(share([week(0.9, -day)])).toBeCloseTo(1 / (6 * 24));
    expect(share([week(0.9, -8 * day)])).toBeCloseTo(1 / (6 * 24));
    expect(weeklyReset({ windows: [week(0.9, -day)] }, null, now)).toBe(now + 6 * day);
  });

  test('is halved by a short window that is spent, as long as that is open', () => {
    const windows = [week(0.5, 10 * hour), window('5h', { utilization: 1 })];
    expect(share(windows)).toBeCloseTo(0.025);
    const over = [week(0.5, 10 * hour), window('5h', { utilization: 1, resetsAt: later(-1) })];
    expect(share(over)).toBeCloseTo(0.05);
  });

  test('is that of the scarcest week that applies to the model', () => {
    const windows = [week(0.5, 10 * hour), week(0.9, 10 * hour, '7d_opus')];
    expect(share(windows, 'claude-opus-5-5')).toBeCloseTo(0.01);
    expect(share(windows, 'claude-sonnet-5')).toBeCloseTo(0.05);
  });

  test('is never negative and never NaN, whatever servers say (property)', () => {
    const windows = fc.array(
      fc.record({
        id: fc.constantFrom('5h', '7d', '7d_opus', '999d', 'tokens'),
        utilization: fc.option(fc.double({ min: 0, max: 10, noNaN: true })),
        ms: fc.option(fc.integer({ min: -1e12, max: 1e12 })),
      }),
    );
    fc.assert(
      fc.property(windows, (list) => {
        const given = list.map(({ id, utilization, ms }) =>
          window(id, { utilization, resetsAt: ms === null ? null : later(ms) }),
        );
        expect(share(given)).toBeGreaterThanOrEqual(0);
        expect(weeklyReset({ windows: given }, null, now)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns },
    );
  });
});
