import { describe, expect, it } from 'vitest';
import { createApiKey, exchangeCode } from '../../source/credentials/oauth-exchange.ts';
import {
  beginSignIn,
  createSignInJudge,
  keyScopes,
  loginScopes,
  pasteRedirectUri,
  replyInPaste,
  replyInQuery,
  type SignIn,
  type SignInCode,
  type SignInWay,
} from '../../source/credentials/oauth-login.ts';
import { createPostToken } from '../../source/credentials/token-request.ts';
import { CcrError } from '../../source/shared/errors.ts';
import { Secret } from '../../source/shared/secret.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { startSignInMock, type SignInMock } from '../kit/sign-in-mock.ts';

const clock = createFakeClock();
const post = createPostToken();

const begin = (mock: SignInMock, scopes: readonly string[]): SignIn => {
  const settings = mock.settings();
  return beginSignIn({
    authorizeUrl: settings['oauth.authorizeUrl'] ?? '',
    clientId: 'client-1',
    scopes,
    redirectUris: {
      callback: 'http://localhost:1/callback',
      paste: pasteRedirectUri(settings['oauth.tokenUrl'] ?? ''),
    },
    now: clock.now(),
  });
};

const answerBy = (mock: SignInMock, signIn: SignIn, way: SignInWay): SignInCode => {
  const { url } = signIn.ways[way];
  const reply =
    way === 'callback' ? replyInQuery(mock.signIn(url).searchParams) : replyInPaste(mock.codeFrom(url));
  const verdict = reply && createSignInJudge(signIn)(reply, clock.now());
  if (verdict?.kind !== 'accepted') throw new Error('the mock gave no code');
  return verdict.answer;
};

const start = async (scopes = loginScopes, way: SignInWay = 'callback') => {
  const mock = await startSignInMock();
  const signIn = begin(mock, scopes);
  const answer = answerBy(mock, signIn, way);
  const tokenUrl = mock.settings()['oauth.tokenUrl'] ?? '';
  const exchange = (change: Partial<Parameters<typeof exchangeCode>[0]> = {}) =>
    exchangeCode({ signIn, answer, oauth: { tokenUrl, clientId: 'client-1' }, post, clock, ...change });
  return { mock, signIn, answer, exchange };
};

const refusalOf = async (asked: Promise<unknown>): Promise<string> => {
  const error: unknown = await asked.catch((thrown: unknown) => thrown);
  if (error instanceof CcrError && error.code === 'sign_in_failed') return error.lines.join();
  throw new Error('was not refused');
};

describe('the exchange of a code', () => {
  it.each(['callback', 'paste'] as const)('gives tokens for a code that came by %s', async (way) => {
    const { mock, signIn, exchange } = await start(loginScopes, way);
    const { login, ...rest } = await exchange();
    expect(rest).toEqual({ accountUuid: 'account-1', organization: 'Work Org', email: 'me@example.com' });
    expect(login.accessToken.reveal()).toMatch(/^sk-ant-oat01-/);
    expect(login.refreshToken?.reveal()).toMatch(/^sk-ant-ort01-/);
    expect(login.expiresAt).toBe(clock.now() + 28_800_000);
    expect(login.scopes).toEqual(loginScopes);
    expect(mock.exchanges).toEqual([
      {
        grant_type: 'authorization_code',
        code: expect.stringMatching(/^code-/),
        state: signIn.ways[way].state,
        client_id: 'client-1',
        redirect_uri: signIn.ways[way].redirectUri,
        code_verifier: signIn.verifier.reveal(),
      },
    ]);
  });

  it('works once, and for nobody without the verifier', async () => {
    const { exchange } = await start();
    await exchange();
    expect(await refusalOf(exchange())).toBe(
      'the provider refused the code (invalid_grant); nothing was changed; begin again',
    );
    const stolen = await start();
    const other = begin(stolen.mock, loginScopes);
    const thief = stolen.exchange({ signIn: { ...stolen.signIn, verifier: other.verifier } });
    expect(await refusalOf(thief)).toMatch(/invalid_grant/);
  });

  it('tells nothing that the provider does not', async () => {
    const { mock, exchange } = await start();
    Object.assign(mock, { account: undefined, organization: { name: 7 } });
    expect(await exchange()).toMatchObject({ accountUuid: null, organization: null, email: null });
  });

  it('shows names from outside harmless', async () => {
    const { mock, exchange } = await start();
    mock.organization = { name: `\u001B[2J${'x'.repeat(300)}` };
    const { organization } = await exchange();
    expect(organization).toMatch(/^\\x1b\[2Jx+…?$/);
    expect(organization?.length).toBeLessThanOrEqual(200);
  });

  it('says so when there is no token in the answer, or nobody answers', async () => {
    const { mock, exchange } = await start();
    mock.fields = { access_token: undefined };
    expect(await refusalOf(exchange())).toMatch(/holds no token; nothing was changed/);
    const oauth = { tokenUrl: 'http://127.0.0.1:1/', clientId: 'client-1' };
    expect(await refusalOf(exchange({ oauth }))).toMatch(
      /cannot be reached \(ECONNREFUSED\); nothing was changed/,
    );
  });
});

describe('the making of an API key', () => {
  const profileUrl = (mock: SignInMock): string => mock.settings()['oauth.profileUrl'] ?? '';

  it('takes a login that may do so, once', async () => {
    const { mock, exchange } = await start(keyScopes);
    const { login } = await exchange();
    const key = await createApiKey(login.accessToken, { profileUrl: profileUrl(mock), post });
    expect(mock.keys).toEqual([key.reveal()]);
  });

  it('is refused to others in the words of the Console, and without any token in them', async () => {
    const { mock } = await start();
    const wish = createApiKey(new Secret('sk-ant-oat01-nobody'), { profileUrl: profileUrl(mock), post });
    expect(await refusalOf(wish)).toMatch(
      /^the Claude Console gave no key \(403\): not allowed; make one there/,
    );
    mock.keyAnswer = {
      status: 403,
      body: { error: { message: '\u001B[2J sk-ant-oat01-0123456789abcdefgh' } },
    };
    const again = createApiKey(new Secret('sk-ant-oat01-nobody'), { profileUrl: profileUrl(mock), post });
    expect(await refusalOf(again)).toMatch(/: \\x1b\[2J \[secret\]; make one/);
  });

  it.each([{}, { raw_key: 7 }, { raw_key: 'hello' }, { raw_key: 'sk-ant-oat01-token' }])(
    'has failed when the answer is %j',
    async (body) => {
      const { mock } = await start();
      mock.keyAnswer = { status: 200, body };
      const wish = createApiKey(new Secret('sk-ant-oat01-any'), { profileUrl: profileUrl(mock), post });
      expect(await refusalOf(wish)).toMatch(/gave no key \(200\); make one there by hand/);
    },
  );

  it('may have happened when the answer was lost, which is said', async () => {
    const wish = createApiKey(new Secret('sk-ant-oat01-any'), {
      profileUrl: 'https://api.example/',
      post: async () => ({ kind: 'lost', reason: 'the connection ended' }),
    });
    expect(await refusalOf(wish)).toMatch(/a key may have been made; look at the keys of the Claude Console/);
  });
});
