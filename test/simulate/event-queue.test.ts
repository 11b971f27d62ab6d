import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventQueue, type Timed } from '../../source/simulate/event-queue.ts';
import { numRuns } from '../kit/long-run.ts';

test('gives everything that was put in, by time and then by order, whenever it was put in (property)', () => {
  const timed = fc.record({ at: fc.nat(20), order: fc.integer({ min: -2, max: 20 }) });
  fc.assert(
    fc.property(fc.array(fc.oneof(timed, fc.constant(null))), (steps) => {
      const queue = new EventQueue<Timed>();
      const inside: Timed[] = [];
      const taken: [Timed | undefined, Timed | undefined][] = [];
      const take = (): void => {
        inside.sort((a, b) => a.at - b.at || a.order - b.order);
        taken.push([queue.pop(), inside.shift()]);
      };
      for (const step of steps) {
        if (step === null) take();
        else {
          queue.push(step);
          inside.push(step);
        }
      }
      while (inside.length > 0) take();
      take();
      expect(taken.map(([given]) => given)).toEqual(taken.map(([, wanted]) => wanted));
    }),
    { numRuns },
  );
});
