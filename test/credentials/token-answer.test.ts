import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeTokenAnswer, refreshFields } from '../../source/credentials/token-answer.ts';
import { Secret } from '../../source/shared/secret.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { numRuns } from '../kit/long-run.ts';
import { heldOf, hour, loginOf } from './login-place.ts';

const now = asEpoch(1_790_000_000_000);
const before = loginOf({ accessToken: 'old-access-token', refreshToken: 'old-refresh-token' }, now - hour);
const full = {
  access_token: 'new-access-token',
  refresh_token: 'new-refresh-token',
  expires_in: 28_800,
  scope: 'user:profile user:inference',
};

const judge = (status: number, body: unknown, retryAfter: string | null = null) =>
  judgeTokenAnswer(
    { status, body: typeof body === 'string' ? body : JSON.stringify(body), retryAfter },
    before,
    now,
  );

const grantedBy = (body: unknown, status = 200) => {
  const verdict = judge(status, body);
  if (verdict.kind !== 'granted') throw new Error(`it is ${verdict.kind}`);
  return { ...heldOf(verdict.login), scopes: verdict.login.scopes };
};

describe('a grant', () => {
  test('is taken over with all that it says', () => {
    expect(grantedBy(full)).toEqual({
      accessToken: 'new-access-token',
      refreshToken: 'new-refresh-token',
      expiresAt: now + 8 * hour,
      scopes: ['user:profile', 'user:inference'],
    });
  });

  test.each([
    [
      'without a refresh token keeps the one it has',
      { refresh_token: undefined },
      { refreshToken: 'old-refresh-token' },
    ],
    ['with a null for one, too', { refresh_token: null }, { refreshToken: 'old-refresh-token' }],
    ['without a length of life lives an hour', { expires_in: undefined }, { expiresAt: now + hour }],
    ['takes a number in quotes', { expires_in: '7200' }, { expiresAt: now + 2 * hour }],
    ['believes no huge length', { expires_in: 1e15 }, { expiresAt: now + hour }],
    ['nor a negative one', { expires_in: -5 }, { expiresAt: now + hour }],
    ['nor none', { expires_in: 0 }, { expiresAt: now + hour }],
    ['nor words', { expires_in: 'soon' }, { expiresAt: now + hour }],
    ['without scopes keeps those it has', { scope: undefined }, { scopes: ['user:inference'] }],
  ])('%s', (_, change, expected) => {
    expect(grantedBy({ ...full, ...change })).toMatchObject({ accessToken: 'new-access-token', ...expected });
  });
});

describe('a login has ended only', () => {
  test.each([
    [400, { error: 'invalid_grant', error_description: 'Refresh token not found or invalid' }],
    [400, { error: 'invalid_refresh_token' }],
    [401, { error: 'refresh_token_reused' }],
    [400, { type: 'error', error: { type: 'invalid_grant', message: 'x' } }],
    [400, { error: { code: 'refresh_token_reused', message: 'x' } }],
  ])('when the provider says so: %i %j', (status, body) => {
    expect(judge(status, body).kind).toBe('ended');
  });

  test.each([
    [400, { error: 'invalid_request' }],
    [400, { error: 'invalid_client' }],
    [401, '<html>Sign in to the network</html>'],
    [403, '<html>blocked: invalid_grant</html>'],
    [404, { error: 'not_found' }],
    [429, { error: { type: 'rate_limit_error', message: 'slow down' } }],
    [429, { error: 'invalid_grant' }],
    [500, { error: 'invalid_grant' }],
    [502, '<html>bad gateway</html>'],
    [503, ''],
    [200, '<html>Welcome to the hotel</html>'],
    [200, { access_token: 'with spaces in it' }],
    [200, { error: 'invalid_grant' }],
    [302, ''],
  ])('and never for %i %j', (status, body) => {
    expect(judge(status, body)).toMatchObject({
      kind: 'later',
      reason: expect.stringContaining(String(status)),
    });
  });
});

test.each([
  ['7', 7000],
  ['0', 0],
  ['86400', 300_000],
  ['Wed, 21 Oct 2026 07:28:00 GMT', null],
  ['-1', null],
  [null, null],
])('a retry-after of %s is %s ms', (text, ms) => {
  expect(judge(429, {}, text)).toMatchObject({ retryAfterMs: ms });
});

test('any answer ends in one of the three, and no reason repeats what came', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), fc.oneof(fc.json(), fc.string()), (status, body) => {
      const verdict = judge(status, body);
      const words = verdict.kind === 'later' ? verdict.reason : 'the token endpoint answered';
      expect(words).toMatch(/^the (?:token endpoint answered|answer of the token endpoint)/);
    }),
    { numRuns },
  );
});

test('the request names token and client, and nothing else', () => {
  expect(refreshFields(new Secret('refresh-token'), 'client')).toEqual({
    grant_type: 'refresh_token',
    refresh_token: 'refresh-token',
    client_id: 'client',
  });
});
