import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Ring } from '../../source/shared/ring.ts';

describe('Ring', () => {
  test('an empty ring has nothing, and numbers start at 1', () => {
    const ring = new Ring<string>(3);
    expect([ring.size, ring.last, ring.first, ring.after()]).toEqual([0, 0, 1, []]);
    expect(ring.at(0)).toBeUndefined();
    expect(ring.at(1)).toBeUndefined();
    expect(ring.push('a')).toBe(1);
    expect(ring.at(1)).toBe('a');
  });

  test('a full ring forgets the oldest item and keeps every number', () => {
    const ring = new Ring<string>(2);
    for (const item of ['a', 'b', 'c']) ring.push(item);
    expect([ring.size, ring.first, ring.last]).toEqual([2, 2, 3]);
    expect([ring.at(1), ring.at(2), ring.at(3), ring.at(4)]).toEqual([undefined, 'b', 'c', undefined]);
  });

  test('a reader resumes after the number it saw, and gets what is left when that is gone', () => {
    const ring = new Ring<number>(3);
    for (const n of [1, 2, 3, 4, 5]) ring.push(n);
    expect(ring.after(4)).toEqual([5]);
    expect(ring.after(5)).toEqual([]);
    expect(ring.after(1)).toEqual([3, 4, 5]);
    expect(ring.after(99)).toEqual([]);
  });

  test('behaves like the tail of a list', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer()),
        fc.integer({ min: 1, max: 8 }),
        fc.nat(40),
        (items, capacity, seq) => {
          const ring = new Ring<number>(capacity);
          for (const item of items) ring.push(item);
          const kept = items.map((item, index) => [index + 1, item] as const).slice(-capacity);
          expect(ring.after(seq)).toEqual(kept.filter(([n]) => n > seq).map(([, item]) => item));
          expect(ring.at(seq)).toBe(kept.find(([n]) => n === seq)?.[1]);
          expect(ring.size).toBe(kept.length);
        },
      ),
    );
  });
});
