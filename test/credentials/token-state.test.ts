import { describe, expect, test } from 'vitest';
import {
  afterMissing,
  noLogin,
  afterRefresh,
  afterRefusal,
  freshTokenState,
  isUsable,
  signInAgain,
  statusOf,
  type TokenState,
} from '../../source/credentials/token-state.ts';
import { Secret } from '../../source/shared/secret.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { hour, loginOf, loginRecord } from './login-place.ts';

const now = asEpoch(1_790_000_000_000);
const record = loginRecord('work');
const grant = { accessToken: 'old-access-token', refreshToken: 'old-refresh-token' };
const endingIn = (ms: number | null): TokenState => ({
  ...freshTokenState,
  login: loginOf(grant, ms === null ? null : now + ms),
});
const ended = { kind: 'ended', reason: 'the provider says invalid_grant', fingerprint: 'abc' } as const;
const later = { kind: 'later', reason: 'the token endpoint answered 503', retryAfterMs: null } as const;

const problemOf = (state: TokenState) => statusOf(record, state, now).problem;

test('a token may be sent until its end, and for ever when it has none', () => {
  expect([1, 0, -1, null].map((ms) => isUsable(endingIn(ms), now))).toEqual([true, false, false, true]);
  expect(isUsable(freshTokenState, now)).toBe(false);
});

test('as long as it may be sent, nothing that failed is a problem', () => {
  const valid = endingIn(hour);
  for (const state of [
    afterRefresh(valid, later, now),
    afterRefresh(valid, ended, now),
    afterMissing(valid, noLogin(record), now),
  ]) {
    expect(statusOf(record, state, now)).toMatchObject({ problem: null, expiresAt: now + hour });
    expect(statusOf(record, state, now).token?.reveal()).toBe('old-access-token');
  }
});

describe('once it may not,', () => {
  test('it is on its way until a try has failed', () => {
    expect(statusOf(record, endingIn(-1), now)).toEqual({ token: null, expiresAt: now - 1, problem: null });
  });

  test('a failed try says why, and when the next one is', () => {
    expect(problemOf(afterRefresh(endingIn(-1), later, now))).toEqual({
      state: 'refreshing',
      reason: 'its token cannot be used and was not renewed: the token endpoint answered 503',
      until: now + 1000,
    });
  });

  test('a login that has ended says what to do, and waits for nothing', () => {
    const problem = problemOf(afterRefresh(afterRefresh(endingIn(-1), later, now), ended, now));
    expect(problem).toEqual({
      state: 'needs-login',
      reason:
        'its login has ended (the provider says invalid_grant); sign in again: ccr-tui account login work',
      until: null,
    });
  });

  test('a store that does not give it is an error, and asked again after rests that grow', () => {
    const locked = { state: 'error', reason: 'keychain locked' } as const;
    const state = afterMissing(afterMissing(freshTokenState, locked, now), locked, now);
    expect(state.retryAt).toBe(now + 2000);
    expect(problemOf(state)).toEqual({ state: 'error', reason: 'keychain locked', until: null });
  });
});

test('a linked login is signed in again where it is linked to', () => {
  const login = {
    termsAcceptedAt: now,
    linkedTo: '/home/me/.claude',
    accountUuid: null,
    organization: null,
    plan: null,
  };
  expect(signInAgain({ ...record, login })).toContain('/home/me/.claude');
  expect(noLogin({ ...record, login })).toMatchObject({ state: 'needs-login' });
});

test('a store without it: signing in again helps, or unlocking where that may be all', () => {
  expect(noLogin(record)).toMatchObject({
    state: 'needs-login',
    reason: expect.stringContaining('account login work'),
  });
  expect(noLogin(loginRecord('work', 'keychain'))).toMatchObject({
    state: 'error',
    reason: expect.stringContaining('unlock'),
  });
});

test('a new login ends all trouble, and failures in a row make the rests longer', () => {
  let state = endingIn(-1);
  for (let n = 0; n < 3; n += 1) state = afterRefresh(state, later, now);
  expect(state.retryAt).toBe(now + 4000);
  const login = loginOf({ accessToken: 'new-access-token', refreshToken: 'new-refresh-token' }, now + hour);
  for (const kind of ['found', 'renewed'] as const) {
    const end = kind === 'found' ? { kind, login, replaces: null } : { kind, login, unstored: null };
    expect(afterRefresh(afterRefresh(state, ended, now), end, now)).toEqual({ ...freshTokenState, login });
  }
});

test('the first reason for an end stays: later looks find less', () => {
  const first = afterRefresh(endingIn(-1), { ...ended, reason: 'an answer got lost' }, now);
  expect(afterRefresh(first, ended, now).ended?.reason).toBe('an answer got lost');
});

describe('a token that the provider refused', () => {
  const refused = new Secret('old-access-token');

  test('is not sent again, though it has not ended', () => {
    const state = afterRefusal(endingIn(hour), refused, { now, renewedAt: null });
    expect(statusOf(record, state, now)).toMatchObject({ token: null, problem: null });
  });

  test('is not the one of now, when that was renewed meanwhile', () => {
    const state = endingIn(hour);
    expect(afterRefusal(state, new Secret('older-access-token'), { now, renewedAt: null })).toBe(state);
    expect(afterRefusal(freshTokenState, refused, { now, renewedAt: null })).toBe(freshTokenState);
  });

  test('right after it was renewed is no reason for another renewal at once', () => {
    const state = afterRefusal(endingIn(hour), refused, { now, renewedAt: asEpoch(now - 30_000) });
    expect(problemOf(state)).toMatchObject({ state: 'refreshing', until: now + 300_000 });
    const old = afterRefusal(endingIn(hour), refused, { now, renewedAt: asEpoch(now - hour) });
    expect(problemOf(old)).toBeNull();
  });
});
