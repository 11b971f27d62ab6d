import { resolvePaths } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import { loadSettings } from '../config/settings.ts';
import { refuseOwnAddress } from '../credentials/account-input.ts';
import { loginText } from '../credentials/login.ts';
import { isOtherAccount } from '../credentials/login-again.ts';
import { createApiKey, exchangeCode, type SignedIn } from '../credentials/oauth-exchange.ts';
import { keyScopes, loginScopes } from '../credentials/oauth-login.ts';
import type { SecretKeeper } from '../credentials/secret-keeper.ts';
import { createPostToken } from '../credentials/token-request.ts';
import { CcrError, errorShape } from '../shared/errors.ts';
import { secretPlaces } from '../shared/secret-place.ts';
import type { AccountRecord, EpochMs, LoginFacts } from '../shared/types.ts';
import { accountJson } from './account-json.ts';
import { askConsent } from './ask-consent.ts';
import type { CommandContext } from './context.ts';
import { planLogin, type LoginPlan } from './login-plan.ts';
import { printJson, printLines } from './print.ts';
import { readyStore } from './ready-store.ts';
import { signInByBrowser } from './sign-in.ts';
import { storeAccount, storeLoginAgain, type Stored } from './store-login.ts';
import { askYes } from './visible-line.ts';

const aboutKey: readonly string[] = [
  'You sign in to the Claude Console once. An API key is made there, which becomes the account',
  'and is paid for by use; the login itself is used for that alone and forgotten.',
  '',
];

/** Has a person sign in, and changes the code for tokens; null when the person gave up. */
const signIn = async (
  context: CommandContext,
  oauth: Config['oauth'],
  makesKey: boolean,
): Promise<SignedIn | null> => {
  const found = await signInByBrowser(context, {
    authorizeUrl: makesKey ? oauth.consoleAuthorizeUrl : oauth.authorizeUrl,
    tokenUrl: oauth.tokenUrl,
    clientId: oauth.clientId,
    scopes: makesKey ? keyScopes : loginScopes,
    opensBrowser: context.options['no-browser'] !== true,
  });
  if (found === null) return null;
  return exchangeCode({ ...found, oauth, post: createPostToken(), clock: context.clock });
};

const whoIs = ({ email, organization }: Pick<SignedIn, 'email' | 'organization'>): string =>
  [email, organization].filter((word) => word !== null).join(', ') || 'an account that was not named';

/** Rejects with `sign_in_failed` unless it is the account of before, or its owner wants another one there. */
const confirmOther = async (
  { options, stdin, stderr }: CommandContext,
  record: AccountRecord,
  found: SignedIn,
): Promise<void> => {
  if (options['force'] === true || !isOtherAccount(record, found)) return;
  const before = record.login?.organization ?? 'another one';
  const what = `this is another Claude account (${whoIs(found)}) than ${record.name} had (${before})`;
  if (stdin.isTTY) {
    await printLines(stderr, [`ccr-tui: ${what}`]);
    if (await askYes(stdin, stderr, 'Put it in its place? Type yes, or press Enter to leave: ')) return;
  }
  throw new CcrError('sign_in_failed', `${what}, and nothing was changed`, {
    hint: 'sign in as that one, give this one a name of its own, or add --force',
  });
};

type Work = {
  context: CommandContext;
  plan: LoginPlan;
  config: Config;
  baseUrl: string | null;
  /** null = the instance's own. */
  keeper: SecretKeeper | null;
};

const newAccount = (kind: 'api-key' | 'login', plan: LoginPlan, baseUrl: string | null) => {
  const name = plan.kind === 'again' ? plan.record.name : plan.name;
  return { name, kind, baseUrl, priority: null, weight: null };
};

/** A key that nobody keeps is still one: its owner has to know of it. */
const keyLost = (error: unknown): CcrError => {
  const { code, message } = errorShape(error);
  return new CcrError(code, `the key that was made at the Claude Console was not kept: ${message}`, {
    hint: 'delete it there, and begin again when that is mended',
    cause: error,
  });
};

const keepKey = async (
  { context, plan, config, baseUrl, keeper }: Work,
  { login }: SignedIn,
): Promise<Stored> => {
  const { profileUrl } = config.oauth;
  const key = await createApiKey(login.accessToken, { profileUrl, post: createPostToken() });
  const account = newAccount('api-key', plan, baseUrl);
  return storeAccount(context, account, key, keeper ?? undefined).catch((error: unknown) => {
    throw keyLost(error);
  });
};

const keepLogin = async (
  { context, plan, baseUrl, keeper }: Work,
  found: SignedIn,
  termsAcceptedAt: EpochMs,
): Promise<Stored> => {
  const { login, accountUuid, organization } = found;
  if (login.refreshToken === null) {
    throw new CcrError('sign_in_failed', 'the provider gave no refresh token, and nothing was changed', {
      hint: 'claude setup-token makes a token that needs none: account add --kind setup-token',
    });
  }
  const facts: LoginFacts = { termsAcceptedAt, linkedTo: null, accountUuid, organization, plan: null };
  const secret = loginText(login);
  if (plan.kind !== 'again') {
    const account = { ...newAccount('login', plan, baseUrl), login: facts };
    return storeAccount(context, account, secret, keeper ?? undefined);
  }
  await confirmOther(context, plan.record, found);
  return storeLoginAgain(context, plan.record, { facts, secret }, keeper ?? undefined);
};

const sentence = ({ kind }: LoginPlan, { account, store }: Stored, found: SignedIn): string => {
  const place = secretPlaces[store];
  const { name } = account;
  if (kind === 'new-key') return `added ${name}; its key is in ${place}, and the login is forgotten`;
  const done = kind === 'again' ? `signed in to ${name} again` : `added ${name}, signed in`;
  return `${done} as ${whoIs(found)}; its login is in ${place}`;
};

/** Another account with the same owner: a person should not think that two of them have two limits. */
const twinNotes = (accounts: readonly AccountRecord[], { id }: { id: string }, found: SignedIn): string[] =>
  accounts
    .filter(({ login }) => found.accountUuid !== null && login?.accountUuid === found.accountUuid)
    .filter((account) => account.id !== id)
    .map(
      ({ name }) => `ccr-tui: note: ${name} is the same Claude account; together they have its limits once`,
    );

/** `account login NAME`: the browser, the exchange of its code, and only then the account: new, or the one of before. */
export const run = async (context: CommandContext): Promise<number> => {
  const { positionals, options, env, stdout, stderr, clock } = context;
  const { accounts, config } = loadSettings({ paths: resolvePaths(env), env, flags: {} });
  const baseUrl = typeof options['base-url'] === 'string' ? options['base-url'] : null;
  const makesKey = options['create-api-key'] === true;
  const plan = planLogin(accounts, { name: positionals[0] ?? '', baseUrl, makesKey });
  refuseOwnAddress(baseUrl, config);
  if (makesKey) await printLines(stderr, aboutKey);
  const consent = makesKey ? clock.now() : await askConsent(context, accounts);
  const keeper = await readyStore(context, accounts, config);
  const found = await signIn(context, config.oauth, makesKey);
  if (found === null) return 130;
  const work: Work = { context, plan, config, baseUrl, keeper };
  const stored = makesKey ? await keepKey(work, found) : await keepLogin(work, found, consent);
  if (stored.notice !== null) await printLines(stderr, [`ccr-tui: ${stored.notice}`]);
  if (!makesKey) await printLines(stderr, twinNotes(accounts, stored.account, found));
  if (options['json'] === true) await printJson(stdout, accountJson(stored.account, clock.now()));
  else await printLines(stdout, [sentence(plan, stored, found)]);
  return 0;
};
