import type { LimitSnapshot } from './limit-news.ts';
import { isBucket, isExtra, isSameReset } from '../shared/limit-window.ts';
import type { AccountId, EpochMs, LimitWindow } from '../shared/types.ts';

/** How much of a window was used at one moment. */
export type Reading = {
  at: EpochMs;
  /** 0..1, may pass 1. */
  used: number;
  /** What the account had served by then in this instance, in USD by list prices; null = it was before that. */
  servedUsd: number | null;
};

/** How the use of one window grew since its last reset, as far as it was seen: one reading for each change. */
export type Trend = {
  account: AccountId;
  window: string;
  scope: string | null;
  resetsAt: EpochMs;
  /** Oldest first. */
  readings: readonly Reading[];
};

/** All that forecasts are made of. */
export type Use = {
  trends: readonly Trend[];
  /** What each account has served in this instance, in USD by list prices. */
  servedUsd: Readonly<Record<AccountId, number>>;
};

export const noUse: Use = { trends: [], servedUsd: {} };

/** Windows of which a trend is kept, and readings of each. */
const mostTrends = 500;
export const mostReadings = 64;

type Told = LimitWindow & { utilization: number; resetsAt: EpochMs };

/** Whether a window is used up bit by bit until a reset: one that refills, or that comes on top, is not. */
const isTrending = (window: LimitWindow): window is Told =>
  window.utilization !== null &&
  Number.isFinite(window.utilization) &&
  window.resetsAt !== null &&
  !isBucket(window) &&
  !isExtra(window);

/** Every other one of the older half goes: what is long ago matters less. */
const thinned = (readings: readonly Reading[]): readonly Reading[] => {
  if (readings.length <= mostReadings) return readings;
  const half = Math.floor(readings.length / 2);
  return readings.filter((_, index) => index === 0 || index > half || index % 2 === 0);
};

/** The trend after what was told of the window; the same one where that is no news. */
const grown = (trend: Trend, { utilization, resetsAt, seenAt }: Told, servedUsd: number | null): Trend => {
  const last = trend.readings.at(-1);
  if (last === undefined || seenAt <= last.at) return trend;
  const isSame = isSameReset(resetsAt, trend.resetsAt);
  if (isSame && utilization === last.used) return trend;
  const reading = { at: seenAt, used: utilization, servedUsd };
  // Another period, or a server that gave something back: what was before tells nothing any more.
  if (!isSame || utilization < last.used) return { ...trend, resetsAt, readings: [reading] };
  return { ...trend, readings: thinned([...trend.readings, reading]) };
};

/** The trends after what was told of these windows; the same list where nothing of it is news. */
export const withWindows = (
  trends: readonly Trend[],
  account: AccountId,
  windows: readonly LimitWindow[],
  servedUsd: number | null,
): readonly Trend[] => {
  let next = trends;
  for (const window of windows) {
    if (!isTrending(window)) continue;
    const { id, scope, resetsAt, seenAt: at, utilization: used } = window;
    const index = next.findIndex(
      (trend) => trend.account === account && trend.window === id && trend.scope === scope,
    );
    const known = next[index];
    if (known === undefined) {
      const readings = [{ at, used, servedUsd }];
      next = [...next, { account, window: id, scope, resetsAt, readings }].slice(-mostTrends);
    } else {
      const changed = grown(known, window, servedUsd);
      if (changed !== known) next = next.with(index, changed);
    }
  }
  return next;
};

/** The use after what was told of the windows of an account; the same one where nothing of it is news. */
export const windowsSeen = (use: Use, account: AccountId, windows: readonly LimitWindow[]): Use => {
  const trends = withWindows(use.trends, account, windows, use.servedUsd[account] ?? 0);
  return trends === use.trends ? use : { ...use, trends };
};

/** The use after the account has served something. */
export const served = (use: Use, account: AccountId, usd: number): Use => ({
  ...use,
  servedUsd: { ...use.servedUsd, [account]: (use.servedUsd[account] ?? 0) + usd },
});

/** Without what is known of one account. */
export const forgotten = ({ trends, servedUsd }: Use, account: AccountId): Use => {
  const { [account]: _gone, ...others } = servedUsd;
  return { trends: trends.filter((trend) => trend.account !== account), servedUsd: others };
};

/** The trends that earlier readings of windows make, oldest first; of these accounts alone. */
export const trendsOf = (
  snapshots: readonly LimitSnapshot[],
  accounts: readonly { id: AccountId }[],
): readonly Trend[] => {
  const known = new Set(accounts.map(({ id }) => id));
  let trends: readonly Trend[] = [];
  for (const { accountId, window: id, at: seenAt, ...rest } of snapshots) {
    if (known.has(accountId)) trends = withWindows(trends, accountId, [{ ...rest, id, seenAt }], null);
  }
  return trends;
};

/** The use with what was known of the windows before: older trends, gone on with by those that there are. */
export const recalled = (use: Use, older: readonly Trend[]): Use => {
  let trends = older;
  for (const { account, window: id, scope, resetsAt, readings } of use.trends) {
    for (const { at: seenAt, used: utilization, servedUsd } of readings) {
      const window = { id, scope, resetsAt, utilization, seenAt, status: null, source: 'header' as const };
      trends = withWindows(trends, account, [window], servedUsd);
    }
  }
  return { ...use, trends };
};
