import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applies, holds, maxKept, withRest, type Rest } from '../../source/balancer/rests.ts';
import { numRuns } from '../kit/long-run.ts';
import { later, now } from './sample.ts';

const rest = (changes: Partial<Rest> = {}): Rest => ({
  state: 'limited',
  until: later(1000),
  scope: null,
  model: null,
  reason: 'reached its 5h limit',
  ...changes,
});

describe('adding a rest', () => {
  test('a shorter one never ends a longer one', () => {
    const long = rest({ until: later(5000) });
    const rests = withRest([long], rest({ until: later(1000) }), now);
    expect(rests).toContain(long);
  });

  test('a longer one takes the place of a shorter one of the same kind', () => {
    const long = rest({ until: later(5000) });
    expect(withRest([rest()], long, now)).toEqual([long]);
  });

  test('rests of another kind, scope or model stay beside it, and those that are over go', () => {
    const others = [rest({ state: 'pacing' }), rest({ scope: 'opus' }), rest({ model: 'claude-opus-5' })];
    const rests = withRest([...others, rest({ state: 'error', until: now })], rest(), now);
    expect(rests).toHaveLength(4);
    expect(rests).toEqual(expect.arrayContaining(others));
  });

  test('keeps a bounded number, and those that last longest', () => {
    const longest = rest({ until: later(1_000_000) });
    let rests = [longest];
    for (let n = 0; n < 100; n += 1) rests = withRest(rests, rest({ state: 'benched', model: `m${n}` }), now);
    expect(rests).toHaveLength(maxKept);
    expect(rests).toContain(longest);
  });

  test('whoever rested before rests at least as long after', () => {
    const until = fc.integer({ min: 1, max: 100 }).map((ms) => later(ms));
    const any = fc.record({
      state: fc.constantFrom('limited' as const, 'pacing' as const, 'benched' as const),
      scope: fc.constantFrom(null, 'opus'),
      model: fc.constantFrom(null, 'claude-opus-5', 'claude-sonnet-5'),
      until,
    });
    const models = [null, 'claude-opus-5', 'claude-opus-5-5', 'claude-sonnet-5'];
    const endFor = (rests: readonly Rest[], model: string | null): number =>
      Math.max(now, ...rests.filter((each) => holds(each, model)).map((each) => each.until));
    fc.assert(
      fc.property(fc.array(any, { maxLength: maxKept }), (list) => {
        let rests: Rest[] = [];
        for (const each of list) {
          const added = rest(each);
          const next = withRest(rests, added, now);
          for (const model of models) {
            expect(endFor(next, model)).toBe(endFor([...rests, added], model));
          }
          rests = next;
        }
      }),
      { numRuns },
    );
  });
});

describe('whom a rest concerns', () => {
  test('a scope is a word of the model name; a request without a model is outside every scope', () => {
    expect(applies(null, null)).toBe(true);
    expect(applies('opus', 'claude-opus-5-5')).toBe(true);
    expect(applies('opus', 'claude-sonnet-5-5')).toBe(false);
    expect(applies('opus', null)).toBe(false);
  });

  test('a model that was refused is that model alone, not one whose name begins the same', () => {
    const refused = rest({ state: 'benched', model: 'claude-opus-5' });
    expect(holds(refused, 'claude-opus-5')).toBe(true);
    expect(holds(refused, 'claude-opus-5-5')).toBe(false);
    expect(holds(refused, null)).toBe(false);
  });
});
