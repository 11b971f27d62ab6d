import type { AccountTest } from '../shared/commands.ts';
import { CcrError } from '../shared/errors.ts';
import { isRecord } from '../shared/is-record.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { AccountId } from '../shared/types.ts';
import type { AccountPool } from './account-pool.ts';
import { getJson, type GetContext } from './get-json.ts';

export type TestContext = GetContext & {
  pool: Pick<AccountPool, 'recordOf' | 'targetOf' | 'secretOf' | 'viewOf'>;
};

/** How many models a list names, in the shape of either API; null when it is none. */
const modelCount = (body: unknown): number | null =>
  isRecord(body) && Array.isArray(body['data']) ? body['data'].length : null;

/** What the provider says of an error, in its own words. */
const words = (body: unknown): string => {
  const error = isRecord(body) ? body['error'] : null;
  const message = isRecord(error) ? error['message'] : null;
  return typeof message === 'string' ? `: ${sanitize(message, 200)}` : '';
};

const problemOf = (status: number, body: unknown, models: number | null): string | null => {
  if (status === 401 || status === 403) return `the provider refused its secret (${status})${words(body)}`;
  if (status >= 400) return `the provider answered ${status}${words(body)}`;
  return models === null ? `what answered ${status} is no list of models` : null;
};

/**
 * Asks the provider of one account for its models, on a connection of its own: whether it can be reached and takes the
 * secret. No model runs and no token is spent. Nothing that the account is known by changes. Rejects with `unknown_account`.
 */
export const testAccount = async (id: AccountId, context: TestContext): Promise<AccountTest> => {
  const { pool } = context;
  const record = pool.recordOf(id);
  const target = pool.targetOf(id);
  if (record === null || target === null) throw new CcrError('unknown_account', 'there is no such account');
  const path = `${target.prefix}/v1/models`;
  const url = `${new URL(record.baseUrl).origin}${path}`;
  const result = { account: record.name, url, status: null, ms: 0, models: null };
  const secret = await pool.secretOf(id);
  if (secret === null) {
    return { ...result, problem: pool.viewOf(id)?.reason ?? 'its secret store does not answer' };
  }
  const headers = ['anthropic-version', '2023-06-01'];
  const got = await getJson({ target, path, headers, kind: record.kind, secret }, context);
  if (got.kind === 'failed') return { ...result, ms: got.ms, problem: got.reason };
  const { status, body, ms } = got;
  const models = status < 300 ? modelCount(body) : null;
  return { ...result, ms, status, models, problem: problemOf(status, body, models) };
};
