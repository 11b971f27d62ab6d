import { expect, test } from 'vitest';
import { openWindows } from '../../source/demo/limits.ts';
import { windowsAt } from '../../source/demo/quota.ts';
import { asEpoch } from '../../source/shared/types.ts';

const start = asEpoch(1_795_330_800_000);

test('a plan has a 5-hour and a 7-day window that begin with the upstream', () => {
  const { windows, spent } = openWindows({ kind: 'unified' }, start);
  expect(windowsAt(windows, spent, start).map(({ id, resetsAt }) => [id, resetsAt - start])).toEqual([
    ['5h', 5 * 3_600_000],
    ['7d', 168 * 3_600_000],
  ]);
});

test('a key has four limits per minute', () => {
  const { windows } = openWindows({ kind: 'classic' }, start);
  expect(windows.map(({ id, lengthMs }) => [id, lengthMs])).toEqual([
    ['requests', 60_000],
    ['tokens', 60_000],
    ['input-tokens', 60_000],
    ['output-tokens', 60_000],
  ]);
});

test('an account may start half used, in the middle of a period, with windows of its own length', () => {
  const anchor = asEpoch(start - 3000);
  const limits = {
    kind: 'unified',
    used: { '5h': 0.5 },
    quota: { '5h': 10 },
    lengthMs: { '5h': 5000 },
    anchor,
  } as const;
  const { windows, spent } = openWindows(limits, start);
  expect(windowsAt(windows, spent, start)[0]).toMatchObject({ used: 5, quota: 10, resetsAt: start + 2000 });
  expect(windowsAt(windows, spent, asEpoch(start + 2000))[0]).toMatchObject({ used: 0 });
});

test('each window may have begun at its own time', () => {
  const elapsedMs = { '5h': 3000 };
  const { windows, spent } = openWindows({ kind: 'unified', lengthMs: { '5h': 5000 }, elapsedMs }, start);
  const [first, second] = windowsAt(windows, spent, start);
  expect(first!.resetsAt).toBe(start + 2000);
  expect(second!.resetsAt).toBe(start + 7 * 24 * 3_600_000);
});

test('none means no window at all', () => {
  expect(openWindows({ kind: 'none' }, start).windows).toEqual([]);
});

test.each(['quota', 'lengthMs', 'used', 'elapsedMs'] as const)(
  'a window the kind does not have is refused in %s',
  (part) => {
    expect(() => openWindows({ kind: 'unified', [part]: { requests: 1 } }, start)).toThrow(
      /no window requests/,
    );
  },
);
