import {
  anthropicUrl,
  defaultPriority,
  defaultWeight,
  parseKind,
  parseName,
  parsePriority,
  parseWeight,
} from '../config/account-record.ts';
import { isOwnAddress, parseBaseUrl } from '../config/base-url.ts';
import type { Checked } from '../config/checks.ts';
import type { NewAccount } from '../shared/commands.ts';
import { CcrError, type ErrorCode } from '../shared/errors.ts';
import { Secret } from '../shared/secret.ts';
import type { AccountKind, AccountRecord } from '../shared/types.ts';

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
  if (kind === 'api-key') return anthropicUrl;
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
const printable = /^[\x21-\x7e]+$/;
/** What a header value may hold at all (RFC 9110, section 5.5). */
const headerText = /^[\t\x20-\x7e\x80-\xff]+$/;
/** With its host in front it still fits into every keychain. */
const maxLength = 2000;

/**
 * The secret without surrounding white space, if it has the shape of its kind. `force` lets an unusual one pass for
 * `compatible` accounts. Throws `bad_secret`; no part of the secret is in the error.
 */
export const checkSecret = (kind: AccountKind, secret: Secret, force: boolean): Secret => {
  const text = secret.reveal().trim();
  if (text === '') throw badSecret('the secret is empty', 'give it as one line on stdin');
  if (text.length > maxLength)
    throw badSecret('the secret is too long', `at most ${maxLength} characters fit`);
  if (loginToken.test(text)) {
    throw badSecret(
      'this is the token of a Claude login, not an API key',
      'use a key of the Claude Console (sk-ant-api…)',
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

export type CheckedAccount = Pick<AccountRecord, 'name' | 'kind' | 'baseUrl' | 'priority' | 'weight'>;

/** A new account with its defaults filled in. Throws `usage`, `unsupported_kind` or `bad_base_url`. */
export const checkNewAccount = (account: NewAccount): CheckedAccount => {
  const name = checkName(account.name);
  const kind = checkKind(account.kind);
  return {
    name,
    kind,
    baseUrl: checkBaseUrl(kind, account.baseUrl),
    priority: orThrow('usage', 'the priority ', parsePriority(account.priority ?? defaultPriority(kind))),
    weight: orThrow('usage', 'the weight ', parseWeight(account.weight ?? defaultWeight)),
  };
};
