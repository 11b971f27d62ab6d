import { CcrError } from '../shared/errors.ts';
import { isRecord } from '../shared/is-record.ts';
import { maskTokens } from '../shared/mask-tokens.ts';
import { Secret } from '../shared/secret.ts';
import type { EpochMs } from '../shared/types.ts';
import type { Login } from './login.ts';
import type { SignIn, SignInCode } from './oauth-login.ts';
import { providersWords } from './profile.ts';
import { documentIn, judgeTokenAnswer } from './token-answer.ts';
import type { PostToken, TokenReply } from './token-request.ts';

/** What a sign-in has given. */
export type SignedIn = {
  login: Login;
  /** The provider's id of the account; null when it did not say, as of the rest. */
  accountUuid: string | null;
  organization: string | null;
  /** To show who signed in; kept nowhere. */
  email: string | null;
};

const failed = (message: string, hint: string): CcrError => new CcrError('sign_in_failed', message, { hint });

const beginAgain = 'nothing was changed; begin again';

/** The answer, or the reason why there is none as `sign_in_failed`. */
const answerOf = (reply: TokenReply): Extract<TokenReply, { kind: 'answer' }> => {
  if (reply.kind === 'answer') return reply;
  throw failed(reply.reason, beginAgain);
};

/** A name from outside as a record may keep it; null when there is none. */
const wordOf = (holder: unknown, field: string): string | null =>
  isRecord(holder) ? providersWords(holder[field]) : null;

export type ExchangeOptions = {
  signIn: Pick<SignIn, 'verifier' | 'ways'>;
  answer: SignInCode;
  oauth: { tokenUrl: string; clientId: string };
  post: PostToken;
  clock: { now(): EpochMs };
};

/** Changes a code for tokens. Rejects with `sign_in_failed`; a code that was refused can only be had anew. */
export const exchangeCode = async (options: ExchangeOptions): Promise<SignedIn> => {
  const { signIn, answer, oauth, post, clock } = options;
  const { state, redirectUri } = signIn.ways[answer.way];
  const reply = answerOf(
    await post(oauth.tokenUrl, {
      grant_type: 'authorization_code',
      code: answer.code.reveal(),
      state,
      client_id: oauth.clientId,
      redirect_uri: redirectUri,
      code_verifier: signIn.verifier.reveal(),
    }),
  );
  const verdict = judgeTokenAnswer(reply, null, clock.now());
  if (verdict.kind === 'ended') throw failed(`the provider refused the code (${verdict.code})`, beginAgain);
  if (verdict.kind === 'later') throw failed(verdict.reason, beginAgain);
  const { account, organization } = documentIn(reply.body) ?? {};
  return {
    login: verdict.login,
    accountUuid: wordOf(account, 'uuid'),
    organization: wordOf(organization, 'name'),
    email: wordOf(account, 'email_address'),
  };
};

const apiKey = /^sk-ant-api[\x21-\x7e]{4,400}$/;

/** What the service says of its refusal, as a terminal may show it; empty when it says nothing. */
const saidIn = (body: string): string => {
  const said = wordOf(documentIn(body)?.['error'], 'message');
  return said === null ? '' : `: ${maskTokens(said)}`;
};

/**
 * Makes an API key of the Console with a login that may do so; asked once, because a second time would make a second key.
 * Rejects with `sign_in_failed`.
 */
export const createApiKey = async (
  accessToken: Secret,
  { profileUrl, post }: { profileUrl: string; post: PostToken },
): Promise<Secret> => {
  const url = new URL('/api/oauth/claude_cli/create_api_key', profileUrl).href;
  const reply = await post(url, {}, { authorization: `Bearer ${accessToken.reveal()}` });
  if (reply.kind === 'lost') {
    throw failed(
      `${reply.reason}, and a key may have been made`,
      'look at the keys of the Claude Console before you begin again',
    );
  }
  const { status, body } = answerOf(reply);
  const key = documentIn(body)?.['raw_key'];
  if (status >= 200 && status < 300 && typeof key === 'string' && apiKey.test(key)) return new Secret(key);
  throw failed(
    `the Claude Console gave no key (${status})${saidIn(body)}`,
    'make one there by hand, and add it: ccr-tui account add NAME',
  );
};
