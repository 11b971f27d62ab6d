import { isRecord } from '../../shared/is-record.ts';
import { Secret } from '../../shared/secret.ts';
import {
  anthropicKey,
  numberOf,
  plainAccount,
  quoted,
  recordsOf,
  textOf,
  tokensOf,
  type ImportedAccount,
  type ToolContent,
} from './imported-account.ts';

type Entry = Readonly<Record<string, unknown>>;

/** Its words for the windows that have one in the provider's answers. */
const windows: Readonly<Record<string, string>> = { unified5h: '5h', unified7d: '7d' };

const ownHost = 'https://api.anthropic.com';

/** `maxUsage`: one share for all, or shares by window with a `default`. */
const capsOf = (maxUsage: unknown): Pick<ImportedAccount, 'caps' | 'paused' | 'notes'> => {
  const table: Entry = isRecord(maxUsage) ? maxUsage : { default: maxUsage };
  const shares = Object.entries(windows).flatMap(([bucket, window]): [string, number][] => {
    const share = numberOf(table[bucket]) ?? numberOf(table['default']);
    return share === null || share >= 1 ? [] : [[window, Math.max(0, share)]];
  });
  const caps = shares.filter(([, share]) => share > 0);
  const others = Object.keys(table).filter((bucket) => bucket !== 'default' && !(bucket in windows));
  return {
    caps: caps.length === 0 ? null : Object.fromEntries(caps),
    paused: caps.length < shares.length,
    notes: [
      ...(caps.length < shares.length ? ['it was to use nothing of a window, so it is paused'] : []),
      ...(others.length > 0 ? ['its caps for single models were not taken'] : []),
    ],
  };
};

const credentialOf = (
  entry: Entry,
  upstream: string | null,
): Pick<ImportedAccount, 'kind' | 'secret'> | string => {
  const { type, accessToken, refreshToken, expiresAt, scopes } = entry;
  if (type === 'oauth') {
    if (upstream !== null) return 'a Claude login is sent to no other provider';
    const tokens = tokensOf({ accessToken, refreshToken, expiresAt, scopes });
    if (tokens !== null) return tokens;
    const from = textOf(entry['importFrom']);
    return from === null
      ? 'it has no access token'
      : `its login is in ${from}; ccr-tui import claude-code takes it from there`;
  }
  const key = textOf(entry['apiKey']);
  if (type !== 'apikey') return `accounts of type ${quoted(type)} are not taken`;
  if (key === null) return 'it has no key';
  if (upstream !== null) return { kind: 'compatible', secret: new Secret(key) };
  return anthropicKey(key) ?? 'its key is not one of the Claude Console';
};

const notTaken: Readonly<Record<string, string>> = {
  modelMap: 'its model map',
  routing: 'its own outbound proxy',
  maxSpend: 'its cap on money',
  stripRequestFields: 'the fields it strips from requests',
  switchThreshold: 'its own switch threshold',
};

const sourceIdOf = (entry: Entry, name: string): string => {
  const uuid = textOf(entry['accountUuid']);
  const org = textOf(entry['orgUuid']) ?? textOf(entry['orgName']);
  return uuid === null ? name : [uuid, org].filter((part) => part !== null).join('/');
};

/** `teamclaude.json`: its accounts, with the upstream that is set for all of them. */
export const teamclaudeContent = (document: unknown): ToolContent => {
  const content: ToolContent = { accounts: [], left: [] };
  if (!isRecord(document)) return content;
  const general = textOf(document['upstream']);
  for (const [index, entry] of recordsOf(document['accounts'])) {
    const name = textOf(entry['name']) ?? `account ${index + 1}`;
    const chosen = textOf(entry['upstream']) ?? general;
    const upstream = chosen === null || chosen.replace(/\/+$/, '') === ownHost ? null : chosen;
    const credential = credentialOf(entry, upstream);
    if (typeof credential === 'string') {
      content.left.push({ name, reason: credential });
      continue;
    }
    const limits = capsOf(entry['maxUsage']);
    const models = Array.isArray(entry['models'])
      ? entry['models'].filter((each) => typeof each === 'string')
      : [];
    const others = Object.keys(notTaken).filter((key) => entry[key] !== undefined && entry[key] !== null);
    content.accounts.push({
      ...plainAccount,
      ...credential,
      ...limits,
      name,
      sourceId: sourceIdOf(entry, name),
      baseUrl: upstream,
      priority: numberOf(entry['priority']),
      paused: limits.paused || entry['disabled'] === true,
      models: models.length === 0 ? null : models,
      accountUuid: textOf(entry['accountUuid']),
      organization: textOf(entry['orgName']),
      notes: [...limits.notes, ...others.map((key) => `${notTaken[key]} was not taken`)],
      plain: ['accessToken', 'refreshToken', 'apiKey'].map((key) => ['accounts', index, key]),
    });
  }
  return content;
};
