import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  beginSignIn,
  createSignInJudge,
  loginScopes,
  replyInPaste,
  signInLimitMs,
  type SignIn,
  type SignInReply,
} from '../../source/credentials/oauth-login.ts';
import { Secret } from '../../source/shared/secret.ts';
import { asEpoch } from '../../source/shared/types.ts';

const start = asEpoch(1_790_000_000_000);
const begin = (change = {}): SignIn =>
  beginSignIn({
    authorizeUrl: 'https://claude.example/oauth/authorize',
    clientId: 'client-1',
    scopes: loginScopes,
    redirectUris: {
      callback: 'http://localhost:4321/callback',
      paste: 'https://claude.example/code/callback',
    },
    now: start,
    ...change,
  });
const reply = (state: string, change: Partial<SignInReply> = {}): SignInReply => ({
  code: new Secret('code-1'),
  state,
  error: null,
  ...change,
});

describe('the address to sign in at', () => {
  const signIn = begin();
  const query = new URL(signIn.ways.callback.url).searchParams;

  it('asks for a code for our client, made for our challenge and state', () => {
    expect(signIn.ways.callback.url).toMatch(
      /^https:\/\/claude\.example\/oauth\/authorize\?code=true&client_id=client-1&/,
    );
    expect(Object.fromEntries(query)).toEqual({
      code: 'true',
      client_id: 'client-1',
      response_type: 'code',
      redirect_uri: 'http://localhost:4321/callback',
      scope: loginScopes.join(' '),
      code_challenge: createHash('sha256').update(signIn.verifier.reveal()).digest('base64url'),
      code_challenge_method: 'S256',
      state: signIn.ways.callback.state,
    });
  });

  it('leads back here, or to the page that shows the code, each with a state of its own', () => {
    const { callback, paste } = signIn.ways;
    expect(new URL(paste.url).searchParams.get('redirect_uri')).toBe('https://claude.example/code/callback');
    expect(new URL(paste.url).searchParams.get('state')).toBe(paste.state);
    expect(paste.state).not.toBe(callback.state);
  });

  it('asks for no more than serving needs: not for the right to make keys', () => {
    expect(loginScopes).toContain('user:inference');
    expect(loginScopes).not.toContain('org:create_api_key');
  });

  it('keeps what its page already has in its query', () => {
    const { url } = begin({ authorizeUrl: 'https://claude.example/authorize?tenant=7' }).ways.paste;
    expect(new URL(url).searchParams.get('tenant')).toBe('7');
  });

  it('holds the verifier nowhere, and has 256 new bits for each sign-in', () => {
    const other = begin();
    expect(inspect(signIn)).not.toContain(signIn.verifier.reveal());
    expect(signIn.ways.paste.url + signIn.ways.callback.url).not.toContain(signIn.verifier.reveal());
    for (const word of [signIn.verifier.reveal(), signIn.ways.callback.state, signIn.ways.paste.state]) {
      expect(Buffer.from(word, 'base64url')).toHaveLength(32);
    }
    expect(other.verifier.reveal()).not.toBe(signIn.verifier.reveal());
    expect(other.ways.callback.state).not.toBe(signIn.ways.callback.state);
  });
});

describe('what comes back', () => {
  const signIn = begin();
  const { callback, paste } = signIn.ways;

  it.each(['callback', 'paste'] as const)('is taken with the right state: by way of the %s', (way) => {
    const verdict = createSignInJudge(signIn)(reply(signIn.ways[way].state), start);
    expect(verdict).toMatchObject({ kind: 'accepted', answer: { way } });
  });

  it.each(['', 'other', callback.state.slice(1), `${callback.state}x`, paste.state.toUpperCase()])(
    'is refused with the wrong state %j, which ends nothing',
    (state) => {
      const judge = createSignInJudge(signIn);
      expect(judge(reply(state), start)).toEqual({ kind: 'wrong-state' });
      expect(judge(reply(state, { error: 'access_denied' }), start)).toEqual({ kind: 'wrong-state' });
      expect(judge(reply(callback.state), start).kind).toBe('accepted');
    },
  );

  it('is taken once: a replay is refused, and a second code, by whichever way', () => {
    const judge = createSignInJudge(signIn);
    expect(judge(reply(callback.state), start).kind).toBe('accepted');
    expect(judge(reply(callback.state), start)).toEqual({ kind: 'spent' });
    expect(judge(reply(paste.state, { code: new Secret('code-2') }), start)).toEqual({ kind: 'spent' });
  });

  it('is refused ten minutes later', () => {
    const judge = createSignInJudge(signIn);
    expect(judge(reply(callback.state), asEpoch(start + signInLimitMs + 1))).toEqual({ kind: 'expired' });
    expect(signInLimitMs).toBe(600_000);
    expect(createSignInJudge(signIn)(reply(callback.state), asEpoch(start + signInLimitMs)).kind).toBe(
      'accepted',
    );
  });

  it('may be a refusal, which ends it', () => {
    const judge = createSignInJudge(signIn);
    const denied = reply(callback.state, { code: null, error: 'access_denied' });
    expect(judge(denied, start)).toEqual({ kind: 'denied', error: 'access_denied' });
    expect(judge(reply(callback.state), start)).toEqual({ kind: 'spent' });
  });

  it.each([null, new Secret('a b'), new Secret('x'.repeat(4001))])(
    'is no code when it is %s, which ends nothing',
    (code) => {
      const judge = createSignInJudge(signIn);
      expect(judge(reply(callback.state, { code }), start)).toEqual({ kind: 'no-code' });
      expect(judge(reply(callback.state), start).kind).toBe('accepted');
    },
  );
});

describe('what a person pastes', () => {
  const read = (text: string) => {
    const found = replyInPaste(text);
    return found && { ...found, code: found.code?.reveal() ?? null };
  };

  it.each([
    [' code-1#state-1\r\n', { code: 'code-1', state: 'state-1', error: null }],
    ['http://localhost:1/callback?code=c&state=s', { code: 'c', state: 's', error: null }],
    [
      'http://localhost:1/callback?error=access_denied&state=s',
      { code: null, state: 's', error: 'access_denied' },
    ],
    ['https://claude.example/', { code: null, state: '', error: null }],
    ['code-1', null],
    ['', null],
    ['#state', null],
    ['code#', null],
    ['two words#state', null],
    ['a#b#c', null],
    ['http://', null],
  ])('%j is %j', (text, found) => expect(read(text)).toEqual(found));
});
