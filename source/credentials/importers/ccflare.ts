import { Secret } from '../../shared/secret.ts';
import {
  anthropicKey,
  capsOfPercent,
  numberOf,
  plainAccount,
  quoted,
  textOf,
  tokensOf,
  type ImportedAccount,
  type ToolContent,
} from './imported-account.ts';

// ccflare and better-ccflare: one table `accounts`, which the second has given more columns over time.

/** A row of the table; columns that a version does not have are not there. */
export type CcflareRow = Readonly<Record<string, unknown>>;

type Credential = Pick<ImportedAccount, 'kind' | 'secret' | 'baseUrl'>;

/** Providers that speak the Anthropic API, and where; null = only where the account says. */
const compatible: Readonly<Record<string, string | null>> = {
  'anthropic-compatible': null,
  zai: 'https://api.z.ai/api/anthropic',
  minimax: 'https://api.minimax.io/anthropic',
  'alibaba-coding-plan': 'https://coding-intl.dashscope.aliyuncs.com/apps/anthropic',
};

const keyOf = (row: CcflareRow): string | null =>
  // For providers with a key, versions have kept it in one or another of these.
  textOf(row['api_key']) ?? textOf(row['refresh_token']) ?? textOf(row['access_token']);

const anthropic = (row: CcflareRow): Credential | string => {
  const key = textOf(row['api_key']);
  const tokens = tokensOf({
    accessToken: row['access_token'] ?? undefined,
    refreshToken: row['refresh_token'],
    expiresAt: row['expires_at'],
  });
  const found = (key === null ? null : anthropicKey(key)) ?? tokens;
  if (found === null) return 'it has neither a token nor a key of the Claude Console';
  if (textOf(row['custom_endpoint']) !== null)
    return 'it is sent to an address of its own, and no Claude login is';
  return { ...found, baseUrl: null };
};

const credentialOf = (row: CcflareRow): Credential | string => {
  const provider = textOf(row['provider']) ?? 'anthropic';
  if (provider === 'anthropic' || provider === 'claude-oauth') return anthropic(row);
  if (provider === 'claude-console-api' || provider === 'console') {
    const key = keyOf(row);
    const found = key === null ? null : anthropicKey(key);
    return found === null ? 'it has no key of the Claude Console' : { ...found, baseUrl: null };
  }
  if (!Object.hasOwn(compatible, provider)) {
    return `provider ${quoted(provider)} does not speak the Anthropic API, or not in a way known here`;
  }
  const baseUrl = textOf(row['custom_endpoint']) ?? compatible[provider] ?? null;
  const key = keyOf(row);
  if (key === null) return 'it has no key';
  if (baseUrl === null) return 'it has no address';
  return { kind: 'compatible', secret: new Secret(key), baseUrl: baseUrl.replace(/\/v1\/messages\/?$/, '') };
};

const thresholds = (row: CcflareRow): Record<string, unknown> => ({
  ...(row['usage_pause_five_hour_enabled'] === 1 && { '5h': row['usage_pause_five_hour_threshold'] }),
  ...(row['usage_pause_weekly_enabled'] === 1 && { '7d': row['usage_pause_weekly_threshold'] }),
});

const notTaken: Readonly<Record<string, string>> = {
  model_mappings: 'its model map was not taken',
  model_fallbacks: 'its fallback models were not taken',
};

/** What the person has typed there for a plan. */
const plans: Readonly<Record<number, string>> = { 5: 'max', 20: 'max' };

/** The accounts in the rows of that table. */
export const ccflareContent = (rows: readonly CcflareRow[]): ToolContent => {
  const content: ToolContent = { accounts: [], left: [] };
  for (const row of rows) {
    const name = textOf(row['name']) ?? 'account';
    const id = textOf(row['id']) ?? '';
    const credential = id === '' ? 'it has no id' : credentialOf(row);
    if (typeof credential === 'string') {
      content.left.push({ name, reason: credential });
      continue;
    }
    const limits = capsOfPercent(thresholds(row));
    const others = Object.keys(notTaken).filter((column) => textOf(row[column]) !== null);
    content.accounts.push({
      ...plainAccount,
      ...credential,
      ...limits,
      name,
      sourceId: id,
      priority: numberOf(row['priority']),
      paused: limits.paused || row['paused'] === 1,
      plan: plans[numberOf(row['account_tier']) ?? 0] ?? null,
      notes: [
        ...limits.notes,
        ...others.map((column) => notTaken[column] ?? ''),
        ...(row['requires_reauth'] === 1 ? ['it had to be signed in again there already'] : []),
      ],
      plain: [],
    });
  }
  return content;
};
