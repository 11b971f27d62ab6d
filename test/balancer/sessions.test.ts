import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSessions } from '../../source/balancer/sessions.ts';
import { numRuns } from '../kit/long-run.ts';
import { idOf } from './sample.ts';

const [a, b] = [idOf('a'), idOf('b')];

describe('the home of a conversation', () => {
  test('is unknown first, then the account that served it last', () => {
    const sessions = createSessions();
    expect(sessions.homeOf('s/')).toBeNull();
    sessions.served('s/', a);
    sessions.served('s/', b);
    expect(sessions.homeOf('s/')).toBe(b);
    expect(sessions.homeOf('s/agent')).toBeNull();
  });

  test('an account that was removed is nobody’s home', () => {
    const sessions = createSessions();
    sessions.served('one', a);
    sessions.served('two', b);
    sessions.served('three', a);
    sessions.forget(a);
    expect(['one', 'two', 'three'].map((key) => sessions.homeOf(key))).toEqual([null, b, null]);
  });

  test('names that mean something to an object are only names', () => {
    const sessions = createSessions();
    expect(sessions.homeOf('__proto__')).toBeNull();
    sessions.served('__proto__', a);
    expect([sessions.homeOf('__proto__'), sessions.homeOf('constructor')]).toEqual([a, null]);
  });
});

test('memory is bounded, and the conversations unused for longest are forgotten first', () => {
  const capacity = 5;
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(12), fc.constantFrom(a, b))), (served) => {
      const sessions = createSessions(capacity);
      for (const [key, account] of served) sessions.served(String(key), account);
      const last = new Map(served.map(([key, account], index) => [key, { account, index }]));
      const kept = [...last].toSorted(([, x], [, y]) => y.index - x.index).slice(0, capacity);
      for (const [key] of served) {
        expect(sessions.homeOf(String(key))).toBe(kept.find(([each]) => each === key)?.[1].account ?? null);
      }
    }),
    { numRuns },
  );
});
