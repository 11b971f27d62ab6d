import type { EpochMs } from '../shared/types.ts';
import type { Limits } from './limits.ts';
import type { WindowTruth } from './quota.ts';

/** Header names and values, in wire order. */
export type HeaderList = readonly (readonly [string, string])[];

const claims: Readonly<Record<string, string>> = {
  '5h': 'five_hour',
  '7d': 'seven_day',
  '7d_opus': 'seven_day_opus',
  '7d_oi': 'seven_day_overage_included',
};

const seriousness = { allowed: 0, allowed_warning: 1, rejected: 2 } as const;

// Seconds, rounded up: a client that waits for the reset never comes too early.
const epochSeconds = (at: EpochMs): string => String(Math.ceil(at / 1000));
const rfc3339 = (at: EpochMs): string =>
  new Date(Math.ceil(at / 1000) * 1000).toISOString().replace('.000', '');

/** The window that the account's status stands for: the most serious one; among spent ones the last to come back. */
const binding = (windows: readonly WindowTruth[]): WindowTruth | undefined =>
  windows.toSorted((a, b) => {
    const worse = seriousness[b.status] - seriousness[a.status];
    if (worse !== 0) return worse;
    return a.status === 'rejected' ? b.resetsAt - a.resetsAt : a.resetsAt - b.resetsAt;
  })[0];

/** How much of what may be paid for is used, 0..1, and until when. */
export type OverageTruth = { utilization: number; resetsAt: EpochMs };

const name = 'anthropic-ratelimit-unified';

const overageHeaders = (overage: OverageTruth | null, isInUse: boolean): HeaderList => {
  if (overage === null) {
    return [
      [`${name}-overage-status`, 'rejected'],
      [`${name}-overage-disabled-reason`, 'org_level_disabled'],
    ];
  }
  return [
    [`${name}-overage-status`, 'allowed'],
    [`${name}-overage-reset`, epochSeconds(overage.resetsAt)],
    [`${name}-overage-utilization`, overage.utilization.toFixed(2)],
    ...(isInUse ? [[`${name}-overage-in-use`, 'true'] as const] : []),
  ];
};

const unified = (windows: readonly WindowTruth[], overage: OverageTruth | null): HeaderList => {
  const lead = binding(windows);
  if (lead === undefined) return [];
  return [
    ...windows.flatMap(({ id, status, resetsAt, utilization }): HeaderList => [
      [`${name}-${id}-status`, status],
      [`${name}-${id}-reset`, epochSeconds(resetsAt)],
      [`${name}-${id}-utilization`, utilization.toFixed(2)],
      ...(status === 'allowed_warning'
        ? [[`${name}-${id}-surpassed-threshold`, utilization >= 0.9 ? '0.9' : '0.75'] as const]
        : []),
    ]),
    [`${name}-status`, lead.status],
    [`${name}-reset`, epochSeconds(lead.resetsAt)],
    [`${name}-representative-claim`, claims[lead.id] ?? lead.id],
    [`${name}-fallback-percentage`, '0.5'],
    ...overageHeaders(overage, lead.status === 'rejected'),
  ];
};

const classic = (windows: readonly WindowTruth[]): HeaderList =>
  windows.flatMap(({ id, quota, used, resetsAt }): HeaderList => {
    const left = Math.max(0, quota - used);
    // The real server rounds what remains of token limits to thousands; small test quotas would all read 0.
    const remaining =
      id !== 'requests' && quota >= 10_000 ? Math.round(left / 1000) * 1000 : Math.floor(left);
    return [
      [`anthropic-ratelimit-${id}-limit`, String(quota)],
      [`anthropic-ratelimit-${id}-remaining`, String(remaining)],
      [`anthropic-ratelimit-${id}-reset`, rfc3339(resetsAt)],
    ];
  });

const writers = { unified, classic, none: (): HeaderList => [] } as const;

/** The limit headers of an answer of /v1/messages, for the windows that count for its model. */
export const limitHeaders = (
  kind: Limits['kind'],
  windows: readonly WindowTruth[],
  overage: OverageTruth | null = null,
): HeaderList => writers[kind](windows, overage);

/** The headers of the 429 when one of these windows is spent; null when none is. */
export const refusalHeaders = (
  kind: Limits['kind'],
  windows: readonly WindowTruth[],
  now: EpochMs,
): HeaderList | null => {
  const spent = binding(windows);
  if (spent === undefined || spent.status !== 'rejected') return null;
  return [
    ...limitHeaders(kind, windows),
    ['retry-after', String(Math.max(1, Math.ceil((spent.resetsAt - now) / 1000)))],
    ['x-should-retry', 'true'],
  ];
};
