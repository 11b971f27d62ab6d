import { readFileSync } from 'node:fs';
import { freshRuntime, type AccountRuntime } from '../../source/balancer/account-state.ts';
import { readLimits, type Headers, type LimitReading } from '../../source/balancer/limits.ts';
import type { Candidate } from '../../source/balancer/strategies.ts';
import {
  asEpoch,
  type AccountId,
  type AccountRecord,
  type CredentialProblem,
  type LimitWindow,
} from '../../source/shared/types.ts';

/** 2026-11-22, 04:00 UTC: a moment before every reset of the fixtures. */
export const now = asEpoch(Date.UTC(2026, 10, 22, 4));

export const day = 24 * 60 * 60 * 1000;

export const later = (ms: number): typeof now => asEpoch(now + ms);

export const idOf = (name: string): AccountId => `id-${name}` as AccountId;

export const record = (name: string, changes: Partial<AccountRecord> = {}): AccountRecord => ({
  id: idOf(name),
  name,
  kind: 'api-key',
  baseUrl: 'https://api.example',
  priority: 200,
  weight: 1,
  paused: false,
  store: 'memory',
  createdAt: asEpoch(0),
  ...changes,
});

export const candidate = (
  name: string,
  runtime: Partial<AccountRuntime> = {},
  changes: Partial<AccountRecord> = {},
): Candidate => ({ record: record(name, changes), runtime: { ...freshRuntime, ...runtime } });

export const window = (id: string, changes: Partial<LimitWindow> = {}): LimitWindow => ({
  id,
  scope: null,
  utilization: 0.4,
  status: 'allowed',
  resetsAt: later(60 * 60_000),
  source: 'header',
  seenAt: now,
  ...changes,
});

type Fixture = { status: number; headers: Record<string, string> };

/** A captured answer head: `headers-<name>.json`. */
export const fixture = (name: string): Fixture =>
  JSON.parse(readFileSync(new URL(`../fixtures/headers-${name}.json`, import.meta.url), 'utf8')) as Fixture;

export const reading = (headers: Headers): LimitReading => readLimits(headers, now);

/** Why there is no credential, as a store that does not give it says. */
export const problem = (reason: string): CredentialProblem => ({ state: 'error', reason, until: null });
