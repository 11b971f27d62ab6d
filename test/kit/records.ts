import { unlimited, type ClientKeyRecord } from '../../source/shared/client-key.ts';
import { asEpoch, type AccountId, type AccountRecord, type LoginFacts } from '../../source/shared/types.ts';

// What the settings hold, as tests need it that look at something else of it.

/** When all of them were made. */
export const recordedAt = asEpoch(1_790_000_000_000);

export const accountRecord = (name: string, changes: Partial<AccountRecord> = {}): AccountRecord => ({
  id: `id-${name}` as AccountId,
  name,
  kind: 'compatible',
  baseUrl: 'https://relay.example',
  priority: 200,
  weight: 1,
  paused: false,
  store: 'vault',
  createdAt: recordedAt,
  ...changes,
});

/** What is kept of a login whose provider has told nothing of it yet. */
export const loginFacts = (changes: Partial<LoginFacts> = {}): LoginFacts => ({
  termsAcceptedAt: asEpoch(1_000),
  linkedTo: null,
  accountUuid: null,
  organization: null,
  plan: null,
  ...changes,
});

/** The key of a client, which a person has made. */
export const keyRecord = (name: string, changes: Partial<ClientKeyRecord> = {}): ClientKeyRecord => ({
  id: `key-${name}`,
  name,
  kind: 'user',
  hash: Buffer.alloc(32).toString('base64'),
  previous: null,
  store: 'vault',
  createdAt: recordedAt,
  lastUsedAt: null,
  revokedAt: null,
  limits: unlimited,
  process: null,
  ...changes,
});
