import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { RecentMap } from '../../source/shared/recent-map.ts';

test('keeps the newest entries, and setting one again makes it new', () => {
  const map = new RecentMap<number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  map.set('c', 4);
  expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([3, undefined, 4]);
});

test('forgets what a test picks, and nothing else', () => {
  const map = new RecentMap<number>(9);
  for (const [key, value] of Object.entries({ a: 1, b: 2, c: 3 })) map.set(key, value);
  map.forget((value, key) => value === 1 || key === 'c');
  expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([undefined, 2, undefined]);
});

const step = fc.oneof(
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('set' as const), of: fc.nat({ max: 30 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('forget' as const), of: fc.integer({ min: 1, max: 5 }) }),
  },
);

test('holds what a list of the newest would, in its order, whatever is set anew or forgotten between', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(step, { maxLength: 900, size: 'max' }),
      (most, taken) => {
        const map = new RecentMap<number>(most);
        let model: [string, number][] = [];
        for (const [n, { kind, of }] of taken.entries()) {
          if (kind === 'set') {
            map.set(`k${of}`, n);
            model = [...model.filter(([key]) => key !== `k${of}`), [`k${of}`, n] as [string, number]].slice(
              -most,
            );
          } else {
            map.forget((value) => value % of === 0);
            model = model.filter(([, value]) => value % of !== 0);
          }
          expect([...map]).toEqual(model);
        }
      },
    ),
    { numRuns: 30 },
  );
});

test('looks for the oldest from the front once in many new entries', () => {
  const map = new RecentMap<number>(100);
  const looks = vi.spyOn(Map.prototype, 'keys');
  for (let n = 0; n < 10_000; n += 1) map.set(`k${n}`, n);
  const times = looks.mock.calls.length;
  looks.mockRestore();
  expect(times).toBeLessThan(100);
});

test('keeps nothing alive that was replaced, though the oldest was looked for before', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const map = new RecentMap<object>(5);
  for (let n = 0; n < 6; n += 1) map.set(`k${n}`, {});
  const replaced = Array.from({ length: 10_000 }, (_, n) => {
    const value = {};
    map.set(`k${1 + (n % 5)}`, value);
    return new WeakRef(value);
  });
  // What a WeakRef was made of stays until the task ends.
  await setImmediate();
  collect();
  expect(replaced.filter((one) => one.deref() !== undefined).length).toBeLessThan(1000);
  // And so the map itself was there till now.
  expect([...map].map(([key]) => key)).toEqual(['k1', 'k2', 'k3', 'k4', 'k5']);
});
