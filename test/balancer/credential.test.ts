import { describe, expect, test } from 'vitest';
import { blockOf, freshRuntime, judged, viewOf } from '../../source/balancer/account-state.ts';
import { credentialTold, tokenRefused } from '../../source/balancer/credential.ts';
import { later, now, problem, record } from './sample.ts';

const news = { problem: null, expiresAt: null, renewing: false, isNew: false };
const work = record('work', { kind: 'login' });

describe('what is known of a credential', () => {
  test('keeps an account from serving as long as there is none, in its own words', () => {
    const ended = { state: 'needs-login', reason: 'its login has ended', until: null } as const;
    const without = credentialTold(freshRuntime, { ...news, problem: ended });
    expect(blockOf(work, without, null, now)).toEqual(ended);
    expect(viewOf(work, without, now)).toMatchObject({ state: 'needs-login', reason: 'its login has ended' });
    expect(blockOf(work, credentialTold(without, news), null, now)).toBeNull();
  });

  test('does not keep it from serving while a token is on its way, and shows that', () => {
    const renewing = credentialTold(freshRuntime, { ...news, renewing: true });
    expect(blockOf(work, renewing, null, now)).toBeNull();
    expect(viewOf(work, renewing, now).state).toBe('refreshing');
  });

  test('tells when its token ends, and nothing where nobody knows', () => {
    const until = credentialTold(freshRuntime, { ...news, expiresAt: later(5000) });
    expect(viewOf(work, until, now).tokenExpiresAt).toBe(later(5000));
    expect(viewOf(work, freshRuntime, now)).not.toHaveProperty('tokenExpiresAt');
  });

  test('is the same runtime when nothing has changed: nobody is told twice', () => {
    const locked = credentialTold(freshRuntime, { ...news, problem: problem('locked') });
    expect(credentialTold(locked, { ...news, problem: problem('locked') })).toBe(locked);
    expect(credentialTold(freshRuntime, { ...news, isNew: true })).toBe(freshRuntime);
  });
});

describe('a 401', () => {
  test('of a setup-token asks for a new login, of a login for nothing but time; both are tried again', () => {
    const [token, login] = [record('a', { kind: 'setup-token' }), work];
    for (const [each, state] of [
      [token, 'needs-login'],
      [login, 'error'],
    ] as const) {
      const refused = tokenRefused(freshRuntime, each.kind, now);
      expect(refused && blockOf(each, refused, null, now)).toMatchObject({ state, until: later(300_000) });
    }
  });

  test('of a key is judged as ever', () => {
    for (const kind of ['api-key', 'compatible'] as const)
      expect(tokenRefused(freshRuntime, kind, now)).toBeNull();
  });

  test('is over with the next credential, and limits are not', () => {
    const limited = judged(
      freshRuntime,
      { kind: 'limited', until: later(9000), window: '5h', scope: null },
      null,
      now,
    );
    const refused = tokenRefused(limited, 'login', now);
    const renewed = refused && credentialTold(refused, { ...news, isNew: true });
    expect(renewed && blockOf(work, renewed, null, now)).toMatchObject({ state: 'limited' });
  });
});
