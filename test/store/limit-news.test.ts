import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { asEpoch, type LimitWindow } from '../../source/shared/types.ts';
import { createLimitNews } from '../../source/store/limit-news.ts';
import { accountId } from './samples.ts';

const start = 1_795_000_000_000;
const id = accountId('work');
const window = (seconds: number, fields: Partial<LimitWindow> = {}): LimitWindow => ({
  id: '5h',
  scope: null,
  utilization: 0.5,
  status: 'allowed',
  resetsAt: asEpoch(start + 3_600_000),
  source: 'header',
  seenAt: asEpoch(start + seconds * 1000),
  ...fields,
});

/** Seconds of those that are kept. */
const keptOf = (windows: readonly LimitWindow[]): number[] => {
  const news = createLimitNews();
  return windows.flatMap((each) => news.of({ id, windows: [each] })).map(({ at }) => (at - start) / 1000);
};

test('a window is kept as it was first told, and no more while nothing changes', () => {
  expect(createLimitNews().of({ id, windows: [window(0)] })).toEqual([
    {
      at: start,
      accountId: id,
      window: '5h',
      scope: null,
      utilization: 0.5,
      resetsAt: start + 3_600_000,
      status: 'allowed',
      source: 'header',
    },
  ]);
  expect(keptOf([window(0), window(60), window(3000)])).toEqual([0]);
});

test('each change of the share, the reset or the status is kept', () => {
  expect(keptOf([window(0), window(60, { utilization: 0.51 })])).toEqual([0, 60]);
  expect(keptOf([window(0), window(60, { utilization: null })])).toEqual([0, 60]);
  expect(keptOf([window(0), window(60, { resetsAt: asEpoch(start + 9e6) })])).toEqual([0, 60]);
  expect(keptOf([window(0), window(60, { status: 'rejected' })])).toEqual([0, 60]);
});

test('many changes are one in ten seconds, and the newest of them comes in the end; a new status comes at once', () => {
  const busy = Array.from({ length: 26 }, (_, n) => window(n, { utilization: 0.5 + n / 100 }));
  expect(keptOf(busy)).toEqual([0, 10, 20]);
  expect(keptOf([window(0), window(1, { utilization: 0.6 }), window(12, { utilization: 0.6 })])).toEqual([
    0, 12,
  ]);
  expect(keptOf([window(0), window(1, { status: 'rejected' })])).toEqual([0, 1]);
});

test('a rounding, a reset that slides by seconds, and what was told before are no change', () => {
  expect(keptOf([window(0), window(60, { utilization: 0.5004 })])).toEqual([0]);
  expect(keptOf([window(0), window(60, { resetsAt: asEpoch(start + 3_601_000) })])).toEqual([0]);
  expect(keptOf([window(60), window(0, { utilization: 0.9 })])).toEqual([60]);
});

test('windows of one name for other models, and of other accounts, are their own', () => {
  const news = createLimitNews();
  const windows = [window(0), window(0, { scope: 'opus' })];
  expect(news.of({ id, windows })).toHaveLength(2);
  expect(news.of({ id: accountId('home'), windows })).toHaveLength(2);
  expect(news.of({ id, windows })).toEqual([]);
});

test('whatever is told, what was kept last is never far from what is so now', () => {
  const told = fc.array(fc.tuple(fc.integer({ min: 11, max: 99 }), fc.integer({ min: 0, max: 100 })), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(told, (steps) => {
      const news = createLimitNews();
      let seconds = 0;
      let last: number | null = null;
      for (const [pause, share] of steps) {
        seconds += pause;
        last =
          news.of({ id, windows: [window(seconds, { utilization: share / 100 })] })[0]?.utilization ?? last;
        expect(last).toBeCloseTo(share / 100, 2);
      }
    }),
  );
});
