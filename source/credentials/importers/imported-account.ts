import { isRecord } from '../../shared/is-record.ts';
import { Secret } from '../../shared/secret.ts';
import type { AccountKind } from '../../shared/types.ts';
import { loginText, parseLogin } from '../login.ts';

/** Where a value stands in a JSON document. */
export type JsonPlace = readonly (string | number)[];

/** An account as another tool keeps it, in our words. */
export type ImportedAccount = {
  /** As the tool calls it. */
  name: string;
  kind: Extract<AccountKind, 'api-key' | 'login' | 'setup-token' | 'compatible'>;
  /** null = the kind's own. */
  baseUrl: string | null;
  /** As a new account takes it: a key, a token, or a login as text. */
  secret: Secret;
  /** Lower is tried first; null where the tool has none. */
  priority: number | null;
  paused: boolean;
  /** Shares by window, above 0 and below 1; null for none. */
  caps: Readonly<Record<string, number>> | null;
  /** Models it is for; null for all. */
  models: readonly string[] | null;
  accountUuid: string | null;
  organization: string | null;
  plan: string | null;
  /** What names it in that tool for good. */
  sourceId: string;
  /** What of it was not taken over, in words. */
  notes: readonly string[];
  /** Where its secrets stand in plain text: places in the tool's JSON, or columns of the row `sourceId`. */
  plain: readonly JsonPlace[];
};

/** What a tool keeps, and what of it is not an account for us. */
export type ToolContent = {
  accounts: ImportedAccount[];
  left: { name: string; reason: string }[];
};

/** For what most accounts have not. */
export const plainAccount = {
  baseUrl: null,
  priority: null,
  paused: false,
  caps: null,
  models: null,
  accountUuid: null,
  organization: null,
  plan: null,
  notes: [],
  plain: [],
} satisfies Partial<ImportedAccount>;

export const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : null;

/** A word of the tool within a sentence of ours: no more of it than a name is long. */
export const quoted = (value: unknown): string => (textOf(value) ?? 'unknown').slice(0, 60);

export const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

/** The records of a list, with their places in it; nothing for what is no list. */
export const recordsOf = (value: unknown): [index: number, entry: Record<string, unknown>][] =>
  Array.isArray(value)
    ? value.flatMap((entry: unknown, index) =>
        isRecord(entry) ? [[index, entry] as [number, typeof entry]] : [],
      )
    : [];

/** The kind and the secret of tokens; null when there is no access token. Without a refresh token it is a setup-token. */
export const tokensOf = (tokens: {
  accessToken: unknown;
  refreshToken: unknown;
  expiresAt: unknown;
  scopes?: unknown;
}): Pick<ImportedAccount, 'kind' | 'secret'> | null => {
  const login = parseLogin(tokens);
  if (login === null) return null;
  return login.refreshToken === null
    ? { kind: 'setup-token', secret: login.accessToken }
    : { kind: 'login', secret: loginText(login) };
};

/** A key by its shape: of the Claude Console, or a token of `claude setup-token`; null for another provider's. */
export const anthropicKey = (key: string): Pick<ImportedAccount, 'kind' | 'secret'> | null => {
  if (key.startsWith('sk-ant-api')) return { kind: 'api-key', secret: new Secret(key) };
  if (key.startsWith('sk-ant-oat')) return { kind: 'setup-token', secret: new Secret(key) };
  return null;
};

export type PercentCaps = { caps: Record<string, number> | null; paused: boolean; notes: string[] };

/**
 * Limits that a tool keeps as whole per cent of a window, as caps: 100 and more is none. An account that was to use
 * nothing at all is paused, since a cap is above 0.
 */
export const capsOfPercent = (limits: Readonly<Record<string, unknown>>): PercentCaps => {
  const shares = Object.entries(limits).flatMap(([window, percent]): [string, number][] => {
    const number = numberOf(percent);
    return number === null || number >= 100 ? [] : [[window, Math.max(0, number) / 100]];
  });
  const caps = shares.filter(([, share]) => share > 0);
  const unused = shares.filter(([, share]) => share === 0).map(([window]) => window);
  return {
    caps: caps.length === 0 ? null : Object.fromEntries(caps),
    paused: unused.length > 0,
    notes: unused.map((window) => `its limit for ${window} was 0 %, so it is paused`),
  };
};
