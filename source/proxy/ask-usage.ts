import { readUsage } from '../balancer/usage.ts';
import { findSetting, type Config } from '../config/schema.ts';
import { readProfile, type Profile } from '../credentials/profile.ts';
import type { Clock } from '../shared/clock.ts';
import type { AccountId, AccountRecord } from '../shared/types.ts';
import type { AccountPool } from './account-pool.ts';
import { getJson, type GetContext, type Got } from './get-json.ts';
import { targetOf } from './target.ts';

export type AskUsageContext = Omit<GetContext, 'config' | 'clock'> & {
  pool: Pick<AccountPool, 'secretOf' | 'usageSeen'>;
  clock: Clock;
  config(): Pick<Config, 'timeouts' | 'oauth'>;
  /** Told who a login belongs to. */
  onProfile(account: AccountId, profile: Profile): void;
};

type Which = 'usage' | 'profile';

/** A token goes to no other host than it was given for, unless its owner has set that one. */
const mayAsk = (which: Which, url: string, { baseUrl }: AccountRecord): boolean =>
  new URL(url).origin === new URL(baseUrl).origin || findSetting(`oauth.${which}Url`)?.default !== url;

/** Why an answer is of no use; null when it is. */
const problemOf = (got: Got): string | null => {
  if (got.kind === 'failed') return got.reason;
  if (got.status === 429) return 'it limits how often it may be asked (429)';
  if (got.status === 401 || got.status === 403) return `it refused the token (${got.status})`;
  return got.status === 200 ? null : `it answered ${got.status}`;
};

const get = async (which: Which, record: AccountRecord, context: AskUsageContext): Promise<Got> => {
  const url = context.config().oauth[`${which}Url`];
  if (!mayAsk(which, url, record)) {
    const { host } = new URL(record.baseUrl);
    return { kind: 'failed', reason: `its token is for ${host} alone; set oauth.${which}Url`, ms: 0 };
  }
  const secret = await context.pool.secretOf(record.id);
  if (secret === null) return { kind: 'failed', reason: 'the account has no token now', ms: 0 };
  const target = targetOf(url);
  return getJson({ target, path: target.prefix, headers: [], kind: record.kind, secret }, context);
};

/**
 * Asks for the usage of a Claude login and takes it over. Why there is nothing new, in words; null when there is. Whatever the
 * endpoint says, it touches neither the token nor the state of the account. Never rejects.
 */
export const askUsage = async (record: AccountRecord, context: AskUsageContext): Promise<string | null> => {
  const asked = context.clock.now();
  const got = await get('usage', record, context);
  const problem = problemOf(got);
  if (problem !== null || got.kind === 'failed') return problem;
  const windows = readUsage(got.body, asked);
  if (windows.length === 0) return 'its answer tells of no window';
  context.pool.usageSeen(record.id, windows);
  return null;
};

/** Asks who a Claude login belongs to, and tells it. Never rejects; an answer without it is none. */
export const askProfile = async (record: AccountRecord, context: AskUsageContext): Promise<void> => {
  const got = await get('profile', record, context);
  const profile = got.kind === 'answer' && got.status === 200 ? readProfile(got.body) : null;
  if (profile !== null) context.onProfile(record.id, profile);
};
