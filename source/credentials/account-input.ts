import {
  defaultBaseUrl,
  defaultPriority,
  defaultWeight,
  parseCaps,
  parseConcurrent,
  parseKind,
  parseModels,
  parseOverage,
  parseName,
  parsePriority,
  parseWeight,
} from '../config/account-record.ts';
import { isOwnAddress, parseBaseUrl } from '../config/base-url.ts';
import type { Checked } from '../config/checks.ts';
import { loginFactsJson, parseLoginFacts } from '../config/login-facts.ts';
import type { NewAccount } from '../shared/commands.ts';
import { CcrError, type ErrorCode } from '../shared/errors.ts';
import { Secret } from '../shared/secret.ts';
import { isLoginKind, type AccountKind, type AccountRecord, type LoginFacts } from '../shared/types.ts';
import { bindSecret } from './bound-secret.ts';
import { checkLogin, checkSetupToken } from './login-input.ts';
import { referenceIn } from './secret-name.ts';

const orThrow = <T>(code: ErrorCode, field: string, checked: Checked<T>): T => {
  if (checked.ok) return checked.value;
  throw new CcrError(code, `${field}${checked.what}`, { hint: checked.fix });
};

/** The name, if it is one. Throws `usage`. */
export const checkName = (name: string): string => orThrow('usage', '', parseName(name));

/** The kind, if this version can serve with it. Throws `unsupported_kind`. */
export const checkKind = (kind: string): AccountKind => orThrow('unsupported_kind', '', parseKind(kind));

/** The normalised base URL; null means the kind's own. Throws `bad_base_url`. */
export const checkBaseUrl = (kind: AccountKind, baseUrl: string | null): string => {
  if (baseUrl !== null) return orThrow('bad_base_url', 'the base URL ', parseBaseUrl(kind, baseUrl));
  const standard = defaultBaseUrl(kind);
  if (standard !== null) return standard;
  throw new CcrError('bad_base_url', `an account of kind ${kind} needs a base URL`, {
    hint: 'add --base-url https://…',
  });
};

/** Throws `bad_base_url` for one that leads back to the proxy itself. */
export const refuseOwnAddress = (baseUrl: string | null, own: { host: string; port: number }): void => {
  if (baseUrl === null || !isOwnAddress(baseUrl, own)) return;
  throw new CcrError('bad_base_url', 'the base URL is the address of this proxy itself', {
    hint: "give the provider's own address",
  });
};

const badSecret = (what: string, hint: string): CcrError => new CcrError('bad_secret', what, { hint });

/** Credentials of a Claude login: Anthropic's terms reserve them for Claude Code and its own apps. */
const loginToken = /^sk-ant-(?:oat|ort|sid)/;
/** Its JSON, or the credentials file of Claude Code. */
const wholeLogin = /^\{[^]*"accessToken"/;
const printable = /^[\x21-\x7e]+$/;
/** What a header value may hold at all (RFC 9110, section 5.5). */
const headerText = /^[\t\x20-\x7e\x80-\xff]+$/;
/** With its host in front it still fits into every keychain. */
const maxLength = 2000;
/** What one entry of the smallest keychain holds, in bytes (Windows). */
const maxEntry = 2400;

/**
 * The secret without surrounding white space, if it has the shape of its kind; a login in the form it is stored in.
 * `force` lets an unusual one pass for `compatible` accounts. Throws `bad_secret`; no part of the secret is in the error.
 */
export const checkSecret = (kind: AccountKind, secret: Secret, force: boolean): Secret => {
  const text = secret.reveal().trim();
  if (text === '') throw badSecret('the secret is empty', 'give it on stdin');
  if (kind === 'login') return checkLogin(text);
  if (kind === 'setup-token') return checkSetupToken(text);
  return checkKey(kind, text, force);
};

/** The entry to store for an account: its secret, bound to where it may go. Throws `bad_secret`, also when it is too long. */
export const checkEntry = (
  { kind, baseUrl }: Pick<AccountRecord, 'kind' | 'baseUrl'>,
  secret: Secret,
  force: boolean,
): Secret => {
  const entry = bindSecret(checkSecret(kind, secret, force), baseUrl);
  if (Buffer.byteLength(entry.reveal()) < maxEntry) return entry;
  throw badSecret('the secret is too long', `with its host it has to stay below ${maxEntry} bytes`);
};

const checkKey = (kind: AccountKind, text: string, force: boolean): Secret => {
  // `$NAME`: what is kept under that name is looked at when it is used.
  if (referenceIn(text) !== null) return new Secret(text);
  if (text.length > maxLength)
    throw badSecret('the secret is too long', `at most ${maxLength} characters fit`);
  if (loginToken.test(text)) {
    throw badSecret(
      'this is the token of a Claude login, not an API key',
      'use a key of the Claude Console (sk-ant-api…), or add it in a shell, as an account of kind setup-token',
    );
  }
  if (wholeLogin.test(text)) {
    throw badSecret(
      'this is a whole Claude login, not an API key',
      'use a key of the Claude Console (sk-ant-api…), or add it in a shell, as an account of kind login',
    );
  }
  if (kind === 'api-key' && !(text.startsWith('sk-ant-api') && printable.test(text))) {
    throw badSecret(
      'this is not a key of the Claude Console',
      'wanted sk-ant-api… without spaces; other keys go to --kind compatible',
    );
  }
  if (!printable.test(text)) {
    if (!force)
      throw badSecret('the secret holds spaces or unusual characters', 'add --force if it is right');
    if (!headerText.test(text)) {
      throw badSecret('the secret holds characters that no HTTP header can carry', 'give it as one line');
    }
  }
  return new Secret(text);
};

export type CheckedAccount = Pick<
  AccountRecord,
  | 'name'
  | 'kind'
  | 'baseUrl'
  | 'priority'
  | 'weight'
  | 'caps'
  | 'models'
  | 'overage'
  | 'concurrent'
  | 'login'
  | 'importedFrom'
>;

/** What was asked for, if it is anything. */
const limitsOf = ({
  caps,
  models,
  overage = null,
  concurrent,
}: NewAccount): Pick<AccountRecord, 'caps' | 'models' | 'overage' | 'concurrent'> => ({
  ...(caps && Object.keys(caps).length > 0 && { caps: orThrow('usage', 'the caps: ', parseCaps(caps)) }),
  ...(models && models.length > 0 && { models: orThrow('usage', 'the models: ', parseModels(models)) }),
  ...(overage !== null && { overage: orThrow('usage', 'the overage: ', parseOverage(overage)) }),
  ...(concurrent && {
    concurrent: orThrow('usage', 'the number of requests at once: ', parseConcurrent(concurrent)),
  }),
});

/** What is to be kept of a login: there for the kinds that are one, and for no other. Throws `terms_not_accepted`. */
const checkLoginFacts = (kind: AccountKind, facts: LoginFacts | null): Pick<AccountRecord, 'login'> => {
  if (!isLoginKind(kind)) return {};
  if (facts === null) {
    throw new CcrError('terms_not_accepted', 'nobody has said yes to the notice about Claude logins', {
      hint: 'ccr-tui account add and account login show it, and ask',
    });
  }
  return { login: orThrow('usage', 'the login ', parseLoginFacts(loginFactsJson(facts))) };
};

/** What a person chose of an account, with its defaults filled in. Throws `usage`, `unsupported_kind` or `bad_base_url`. */
export const checkAccountFields = (account: NewAccount): Omit<CheckedAccount, 'login'> => {
  const name = checkName(account.name);
  const kind = checkKind(account.kind);
  return {
    name,
    kind,
    baseUrl: checkBaseUrl(kind, account.baseUrl),
    priority: orThrow('usage', 'the priority ', parsePriority(account.priority ?? defaultPriority(kind))),
    weight: orThrow('usage', 'the weight ', parseWeight(account.weight ?? defaultWeight)),
    ...limitsOf(account),
    ...(account.importedFrom && { importedFrom: account.importedFrom }),
  };
};

/** A new account, complete. Throws as `checkAccountFields`, and `terms_not_accepted` for a login without its owner's yes. */
export const checkNewAccount = (account: NewAccount): CheckedAccount => {
  const fields = checkAccountFields(account);
  return { ...fields, ...checkLoginFacts(fields.kind, account.login ?? null) };
};
