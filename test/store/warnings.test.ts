import { describe, expect, test } from 'vitest';
import { asEpoch, type LimitWindow } from '../../source/shared/types.ts';
import { windowWarnings } from '../../source/store/warnings.ts';
import type { Warned } from '../../source/store/state.ts';
import { accountView } from './samples.ts';

const now = asEpoch(new Date(2026, 10, 22, 14, 7, 0).getTime());
const reset = asEpoch(now + 12 * 60_000);

const window = (utilization: number | null, fields: Partial<LimitWindow> = {}): LimitWindow => ({
  id: '5h',
  scope: null,
  utilization,
  status: 'allowed',
  resetsAt: reset,
  source: 'header',
  seenAt: now,
  ...fields,
});

/** What is said of one account's windows, look after look. */
const said = (...looks: LimitWindow[][]): string[] => {
  let known: readonly Warned[] = [];
  return looks.flatMap((windows) => {
    const { sentences, warned } = windowWarnings(known, accountView('home', { windows }), now);
    known = warned;
    return sentences.map(({ text }) => text);
  });
};

describe('a window that fills', () => {
  test('is warned of at 80 and at 95 %, each once, with its reset', () => {
    const shares = [0.5, 0.799, 0.8, 0.86, 0.949, 0.95, 0.99];
    expect(said(...shares.map((share) => [window(share)]))).toEqual([
      'home is at 80% of its 5h limit, resets at 14:19',
      'home is at 95% of its 5h limit, resets at 14:19',
    ]);
  });

  test('is warned of once when it passes both at a leap, and when older answers come late', () => {
    expect(said([window(0.97)], [window(0.7)], [window(0.85)], [window(0.96)])).toEqual([
      'home is at 97% of its 5h limit, resets at 14:19',
    ]);
  });

  test('is warned of again after its reset, and not when the server rounds the reset', () => {
    const rounded = window(0.9, { resetsAt: asEpoch(reset + 900) });
    const next = window(0.9, { resetsAt: asEpoch(reset + 4.5 * 3_600_000) });
    const gone = window(null, { status: null, resetsAt: null });
    expect(said([window(0.85)], [rounded], [next])).toHaveLength(2);
    expect(said([window(0.85)], [gone], [next])).toHaveLength(2);
  });

  test('that is spent is told by its limit alone', () => {
    expect(said([window(1, { status: 'rejected' })], [window(0.99)])).toEqual([]);
    const limited = accountView('home', { state: 'limited', windows: [window(0.9)] });
    expect(windowWarnings([], limited, now).sentences).toEqual([]);
  });

  test('whose reset is further away than it is long is told once, and stays quiet when time makes it possible', () => {
    const odd = window(0.1, { resetsAt: asEpoch(now + 13 * 3_600_000) });
    const week = window(0.1, { id: '7d', resetsAt: asEpoch(now + 6 * 24 * 3_600_000) });
    expect(said([odd, week], [odd, week])).toEqual([
      "home: the server's reset of its 5h window is further away than the window is long; compare the clocks",
    ]);
    const windows = [odd];
    const first = windowWarnings([], accountView('home', { windows }), now).warned;
    const later = asEpoch(now + 9 * 3_600_000);
    expect(windowWarnings(first, accountView('home', { windows }), later)).toEqual({
      sentences: [],
      warned: first,
    });
  });

  test('whose reset turns out impossible is not warned of its share again', () => {
    const last = asEpoch(now + 5 * 3_600_000 + 50_000);
    const odd = { resetsAt: asEpoch(last + 20_000) };
    expect(said([window(0.9, { resetsAt: last })], [window(0.1, odd)], [window(0.9, odd)])).toEqual([
      expect.stringMatching(/^home is at 90% of its 5h limit/),
      expect.stringMatching(/further away than the window is long/),
    ]);
  });

  test('is told apart from the others by its name and its models; buckets that refill are no news', () => {
    const opus = window(0.83, { id: '7d_opus', scope: 'opus', resetsAt: null });
    const bucket = window(0.99, { id: 'input-tokens', status: null });
    expect(said([window(0.81), opus, bucket], [window(0.82), opus, bucket])).toEqual([
      'home is at 81% of its 5h limit, resets at 14:19',
      'home is at 83% of its 7d limit for opus',
    ]);
  });
});

test('nothing new to remember leaves the very same memory, and that of other accounts stays', () => {
  const home = accountView('home', { windows: [window(0.9)] });
  const work = accountView('work', { windows: [window(0.9)] });
  const first = windowWarnings([], home, now).warned;
  const both = windowWarnings(first, work, now).warned;
  expect(both).toHaveLength(2);
  expect(windowWarnings(both, home, now).warned).toBe(both);
  expect(windowWarnings(both, accountView('work'), now).warned).toEqual(first);
});
