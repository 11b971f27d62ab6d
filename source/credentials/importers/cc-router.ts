import { isRecord } from '../../shared/is-record.ts';
import {
  capsOfPercent,
  plainAccount,
  recordsOf,
  textOf,
  tokensOf,
  type JsonPlace,
  type ToolContent,
} from './imported-account.ts';

const isAnthropic = (provider: unknown): boolean =>
  provider === undefined || provider === null || provider === 'anthropic_subscription';

/** `accounts.json` of CC-Router (0.6): a list of logins, flat. */
export const ccRouterContent = (document: unknown): ToolContent => {
  const content: ToolContent = { accounts: [], left: [] };
  const list = isRecord(document) ? document['accounts'] : document;
  const above: JsonPlace = isRecord(document) ? ['accounts'] : [];
  for (const [index, entry] of recordsOf(list)) {
    const name = textOf(entry['id']) ?? `account ${index + 1}`;
    if (!isAnthropic(entry['provider'])) {
      content.left.push({ name, reason: 'it is not a Claude account, and only those are taken' });
      continue;
    }
    const { accessToken, refreshToken, expiresAt, scopes } = entry;
    const tokens = tokensOf({ accessToken, refreshToken, expiresAt, scopes });
    if (tokens === null) {
      content.left.push({ name, reason: 'it has no access token' });
      continue;
    }
    const limits = capsOfPercent({ '5h': entry['sessionLimitPercent'], '7d': entry['weeklyLimitPercent'] });
    content.accounts.push({
      ...plainAccount,
      ...tokens,
      ...limits,
      name,
      sourceId: name,
      paused: limits.paused || entry['enabled'] === false,
      plain: ['accessToken', 'refreshToken'].map((key) => [...above, index, key]),
    });
  }
  return content;
};
