import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns } from '../kit/long-run.ts';
import { mostKept, ReplayMemory } from '../../source/proxy/replay-memory.ts';

test('all bodies together have 256 MiB', () => {
  expect(mostKept).toBe(256 * 1_048_576);
  const memory = new ReplayMemory();
  expect([memory.take(mostKept), memory.take(1)]).toEqual([true, false]);
  memory.give(1);
  expect([memory.take(2), memory.take(1)]).toEqual([false, true]);
});

test('what is in use is what was taken and not given back, and never above the limit', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100)), (sizes) => {
      const memory = new ReplayMemory(1000);
      const taken: number[] = [];
      for (const size of sizes) {
        if (memory.take(size)) taken.push(size);
        else memory.give(taken.shift() ?? 0);
        expect(memory.used).toBe(taken.reduce((sum, each) => sum + each, 0));
        expect(memory.used).toBeLessThanOrEqual(1000);
      }
    }),
    { numRuns },
  );
});
