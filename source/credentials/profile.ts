import { isRecord } from '../shared/is-record.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { LoginFacts } from '../shared/types.ts';

/** What the provider says of who a login belongs to. */
export type Profile = Pick<LoginFacts, 'accountUuid' | 'organization' | 'plan'>;

/** Outside text that is kept in the settings and shown; null when there is nothing in it. */
export const providersWords = (value: unknown): string | null => {
  if (typeof value !== 'string') return null;
  const text = sanitize(value, 200).trim();
  return text === '' ? null : text;
};

const planOf = (
  account: Readonly<Record<string, unknown>>,
  organization: Readonly<Record<string, unknown>>,
): string | null => {
  const type = providersWords(organization['organization_type'])?.replace(/^claude_/, '');
  if (type !== undefined) return type;
  if (account['has_claude_max'] === true) return 'max';
  return account['has_claude_pro'] === true ? 'pro' : null;
};

/** The profile in the body of an answer. Total: what cannot be read is null; null for a body without any of it. */
export const readProfile = (body: unknown): Profile | null => {
  if (!isRecord(body)) return null;
  const account = isRecord(body['account']) ? body['account'] : {};
  const organization = isRecord(body['organization']) ? body['organization'] : {};
  const profile: Profile = {
    accountUuid: providersWords(account['uuid']),
    organization: providersWords(organization['name']),
    plan: planOf(account, organization),
  };
  return Object.values(profile).every((value) => value === null) ? null : profile;
};
