import { RecentMap } from '../shared/recent-map.ts';
import type { AccountId, AccountView, EpochMs, LimitWindow } from '../shared/types.ts';

/** What one window of one account was like at one moment. */
export type LimitSnapshot = {
  at: EpochMs;
  accountId: AccountId;
  window: string;
  /** The models it is for; null for all. */
  scope: string | null;
  /** 0..1, may pass 1; null when the server gave none. */
  utilization: number | null;
  resetsAt: EpochMs | null;
  status: string | null;
  source: LimitWindow['source'];
};

export type LimitNews = {
  /** What is worth keeping of an account's windows, after what was kept of them before; nothing when nothing has changed. */
  of(account: Pick<AccountView, 'id' | 'windows'>): LimitSnapshot[];
};

/** Windows that are told by every answer change with every request: more than this would be a second log of requests. */
const pauseMs = 10_000;
/** Servers tell hundredths; what is less is a rounding. */
const leastShare = 0.001;
/** A window that slides has another end each time; one that was reset has one minutes away, or hours. */
const leastMoveMs = 60_000;
/** Accounts and windows that are remembered; one that is forgotten is kept once more. */
const most = 2000;

const differs = (a: number | null, b: number | null, least: number): boolean =>
  a === null || b === null ? a !== b : Math.abs(a - b) >= least;

const isNews = (last: LimitSnapshot | undefined, next: LimitSnapshot): boolean => {
  if (last === undefined) return true;
  if (next.at <= last.at) return false;
  if (next.status !== last.status) return true;
  if (next.at - last.at < pauseMs) return false;
  return (
    differs(last.utilization, next.utilization, leastShare) ||
    differs(last.resetsAt, next.resetsAt, leastMoveMs)
  );
};

const snapshotOf = (accountId: AccountId, window: LimitWindow): LimitSnapshot => ({
  at: window.seenAt,
  accountId,
  window: window.id,
  scope: window.scope,
  utilization: window.utilization,
  resetsAt: window.resetsAt,
  status: window.status,
  source: window.source,
});

/**
 * Tells what of the windows is to be kept: each change of the status at once, any other change of it at most every ten
 * seconds. Compared with what was kept last, so that many small changes are one.
 */
export const createLimitNews = (): LimitNews => {
  const kept = new RecentMap<LimitSnapshot>(most);
  return {
    of: ({ id, windows }) =>
      windows.flatMap((window) => {
        const key = JSON.stringify([id, window.id, window.scope]);
        const next = snapshotOf(id, window);
        if (!isNews(kept.get(key), next)) return [];
        kept.set(key, next);
        return [next];
      }),
  };
};
