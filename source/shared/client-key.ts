import type { EpochMs, SecretStoreName } from './types.ts';

// The keys that programs show to the proxy. What they may do stands here; the key itself is kept nowhere.

/** `user`: made by a person; `connect`: stands in the settings of a program; `run`: ends with the process that got it. */
export const keyKinds = ['user', 'connect', 'run'] as const;
export type ClientKeyKind = (typeof keyKinds)[number];

/** Whoever shows no key, in the history. No key may be called so: what it spends would not be counted. */
export const nameWithoutKey = 'default';

/** What a key may do; null = no limit of that kind. */
export type KeyLimits = {
  requestsPerMinute: number | null;
  /** Requests under way at once. */
  concurrent: number | null;
  /** From midnight to midnight UTC; a request counts when it has ended. */
  dailyUsd: number | null;
  /** Input, output and cache writes, from midnight to midnight UTC; what was read from a cache is not counted. */
  dailyTokens: number | null;
  /** Patterns in which `*` stands for any text. */
  models: readonly string[] | null;
  /** Names of accounts. */
  accounts: readonly string[] | null;
  /** How long its requests may wait while all accounts are limited; null = as the setting says. */
  holdMs: number | null;
  expiresAt: EpochMs | null;
};

export const unlimited: KeyLimits = {
  requestsPerMinute: null,
  concurrent: null,
  dailyUsd: null,
  dailyTokens: null,
  models: null,
  accounts: null,
  holdMs: null,
  expiresAt: null,
};

/** What config.json keeps of a key. Never the key. */
export type ClientKeyRecord = {
  id: string;
  /** Names its requests in the history. No two keys that are not revoked share one. */
  name: string;
  kind: ClientKeyKind;
  /** HMAC-SHA-256 of the key, base64. */
  hash: string;
  /** The key before the last rotation, as long as it is valid beside the new one. */
  previous: { hash: string; until: EpochMs } | null;
  /** Which store holds the secret that the hash was made with. */
  store: SecretStoreName;
  createdAt: EpochMs;
  lastUsedAt: EpochMs | null;
  revokedAt: EpochMs | null;
  limits: KeyLimits;
  /** The process that a `run` key ends with; null for the other kinds. */
  process: { pid: number; birth: string | null } | null;
};

/** All that a command may tell of a key. */
export type ClientKeyView = Pick<
  ClientKeyRecord,
  'id' | 'name' | 'kind' | 'createdAt' | 'lastUsedAt' | 'revokedAt' | 'limits'
>;

export const keyView = ({
  id,
  name,
  kind,
  createdAt,
  lastUsedAt,
  revokedAt,
  limits,
}: ClientKeyRecord): ClientKeyView => ({ id, name, kind, createdAt, lastUsedAt, revokedAt, limits });

export const keyPrefix = 'ccr_';

/** 32 random bytes as base64url behind the prefix; nothing else is a key of ours. */
export const keyPattern = /^ccr_[A-Za-z0-9_-]{43}$/;
