import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSessions, type Home } from '../../source/balancer/sessions.ts';
import { asDuration, type AccountId } from '../../source/shared/types.ts';
import { numRuns } from '../kit/long-run.ts';
import { idOf, later, now } from './sample.ts';

const [a, b] = [idOf('a'), idOf('b')];
const life = asDuration(300_000);
const at = (account: AccountId, ms = 0, prefix: string | null = null): Home => ({
  account,
  at: later(ms),
  prefix,
});

describe('the home of a conversation', () => {
  test('is unknown first, then the account that served it last', () => {
    const sessions = createSessions();
    expect(sessions.homeOf('s/')).toBeNull();
    sessions.served('s/', at(a));
    sessions.served('s/', at(b));
    expect(sessions.homeOf('s/')).toEqual(at(b));
    expect(sessions.homeOf('s/agent')).toBeNull();
  });

  test('an account that was removed is nobody’s home', () => {
    const sessions = createSessions();
    sessions.served('one', at(a));
    sessions.served('two', at(b));
    sessions.served('three', at(a));
    sessions.forget(a);
    expect(['one', 'two', 'three'].map((key) => sessions.homeOf(key))).toEqual([null, at(b), null]);
  });

  test('names that mean something to an object are only names', () => {
    const sessions = createSessions();
    expect(sessions.homeOf('__proto__')).toBeNull();
    sessions.served('__proto__', at(a));
    expect([sessions.homeOf('__proto__'), sessions.homeOf('constructor')]).toEqual([at(a), null]);
  });
});

describe('the beginning of a conversation', () => {
  test('is known by the account that served it, as long as its cache lives, and by no other', () => {
    const sessions = createSessions();
    sessions.served('one', at(a, 0, 'tools'));
    expect(sessions.knowsPrefix('tools', a, life, later(297_000))).toBe(true);
    expect(sessions.knowsPrefix('tools', a, life, later(300_000))).toBe(false);
    expect(sessions.knowsPrefix('tools', b, life, now)).toBe(false);
    expect(sessions.knowsPrefix('others', a, life, now)).toBe(false);
  });

  test('lives on with each request of the conversation, though nobody looks at it again', () => {
    const sessions = createSessions();
    sessions.served('one', at(a, 0, 'tools'));
    sessions.served('one', at(a, 200_000));
    expect(sessions.homeOf('one')).toEqual(at(a, 200_000, 'tools'));
    expect(sessions.knowsPrefix('tools', a, life, later(400_000))).toBe(true);
  });

  test('goes with its account', () => {
    const sessions = createSessions();
    sessions.served('one', at(a, 0, 'tools'));
    sessions.forget(a);
    expect(sessions.knowsPrefix('tools', a, life, now)).toBe(false);
  });
});

test('memory is bounded, and the conversations unused for longest are forgotten first', () => {
  const capacity = 5;
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(12), fc.constantFrom(a, b))), (served) => {
      const sessions = createSessions(capacity);
      for (const [key, account] of served) sessions.served(String(key), at(account));
      const last = new Map(served.map(([key, account], index) => [key, { account, index }]));
      const kept = [...last].toSorted(([, x], [, y]) => y.index - x.index).slice(0, capacity);
      for (const [key] of served) {
        const home = kept.find(([each]) => each === key)?.[1].account;
        expect(sessions.homeOf(String(key))).toEqual(home === undefined ? null : at(home));
      }
    }),
    { numRuns },
  );
});

test('of ten thousand conversations, and no more, unless it is told otherwise', () => {
  const sessions = createSessions();
  for (let n = 0; n <= 10_000; n += 1) {
    sessions.served(`s${n}`, at(a, n));
    // Used again and again: never among those that make way.
    sessions.served('busy', at(b, n));
  }
  const known = Array.from({ length: 10_001 }, (_, n) => sessions.homeOf(`s${n}`));
  expect(known.filter((home) => home !== null)).toHaveLength(9999);
  expect([known[1], known[2]?.account, sessions.homeOf('busy')?.account]).toEqual([null, a, b]);
});

test('a conversation keeps when a limit moved it, as long as it stays where it was moved to', () => {
  const sessions = createSessions();
  const movedAtOf = (account: string, movedAt?: typeof now) => {
    sessions.served('s', { account: idOf(account), at: now, prefix: null, movedAt });
    return sessions.homeOf('s')?.movedAt;
  };
  expect(movedAtOf('a')).toBeUndefined();
  expect(movedAtOf('b', now)).toBe(now);
  expect(movedAtOf('b')).toBe(now);
  expect(movedAtOf('c')).toBeUndefined();
});
