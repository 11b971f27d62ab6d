import type { PoolForecast } from '../shared/forecast.ts';
import { isBucket, isExtra } from '../shared/limit-window.ts';
import { asEpoch, isLoginKind, type AccountView, type EpochMs } from '../shared/types.ts';
import { grownOf, lengthOf, memory, weightOf } from './forecast.ts';
import type { Trend, Use } from './trends.ts';

// When all accounts together will be used up: the work of late goes on, is divided among those that can serve, and comes
// back to an account when its window is reset. Accounts are of different size: a hundredth of a large plan is more work
// than one of a small plan. What each hundredth was worth here tells by how much.

const hourMs = 3_600_000;
const usualLengthMs = 5 * hourMs;
const farthestMs = 24 * hourMs;
/** So many resets and windows that run full are gone through. */
const mostSteps = 500;
/** Less growth than this tells no size. */
const leastGrowth = 0.02;

type PoolWindow = {
  id: string;
  used: number;
  ceiling: number;
  resetsAt: number;
  lengthMs: number;
  /** Work in a whole window; null = not known, and then it only counts when nothing is left of it. */
  size: number | null;
};

type Member = {
  /** Since when it can serve, as far as its state tells. */
  from: number;
  windows: PoolWindow[];
};

/** What a whole window was worth, in USD; null when too little of it was used here. */
const sizeOf = ({ readings }: Trend): number | null => {
  let usd = 0;
  let grown = 0;
  for (const [index, { used, servedUsd }] of readings.entries()) {
    const before = readings[index - 1];
    if (before === undefined || servedUsd === null || before.servedUsd === null) continue;
    usd += servedUsd - before.servedUsd;
    grown += used - before.used;
  }
  return grown >= leastGrowth && usd > 0 ? usd / grown : null;
};

const median = (values: readonly number[]): number | null =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? null;

/** The states in which an account does not come back by itself. */
const away: ReadonlySet<AccountView['state']> = new Set(['paused', 'needs-login', 'error']);

/** The shortest of the windows counts the work; the longer ones may end it. */
const lengthIn = (id: string): number => lengthOf(id) ?? usualLengthMs;
const shortestOf = <Kind extends { id: string }>(windows: readonly Kind[]): Kind | undefined =>
  windows.toSorted((a, b) => lengthIn(a.id) - lengthIn(b.id))[0];

const windowsOf = (
  view: AccountView,
  sizes: (id: string, isMain: boolean) => number | null,
  now: number,
): PoolWindow[] => {
  const used = view.windows.filter(
    (window) => window.scope === null && !isBucket(window) && !isExtra(window),
  );
  const main = shortestOf(used);
  return used.map((window) => ({
    id: window.id,
    used: window.utilization ?? 0,
    ceiling: view.caps?.[window.id] ?? 1,
    resetsAt: window.resetsAt ?? now + lengthIn(window.id),
    lengthMs: lengthIn(window.id),
    size: sizes(window.id, window === main),
  }));
};

/** A login of which nothing is known yet has a whole window. */
const unseen = (now: number, size: number | null): PoolWindow[] => [
  { id: '5h', used: 0, ceiling: 1, resetsAt: now + usualLengthMs, lengthMs: usualLengthMs, size },
];

/** Work per ms, as it was of late in all accounts. */
const demandOf = (mains: readonly { trend: Trend; size: number }[], now: number): number => {
  const begun = Math.min(...mains.map(({ trend }) => trend.readings[0]?.at ?? now));
  const memoryMs = usualLengthMs * memory;
  const weights = weightOf(begun, now, now, memoryMs);
  if (!(weights > 0)) return 0;
  const work = mains.reduce((sum, { trend, size }) => sum + size * grownOf(trend.readings, now, memoryMs), 0);
  return work / weights;
};

const isOpen = ({ from, windows }: Member, now: number): boolean =>
  from <= now && windows.every(({ used, ceiling }) => used < ceiling);

const begunAnew = (window: PoolWindow, now: number): void => {
  if (window.resetsAt > now) return;
  window.used = 0;
  window.resetsAt = now + window.lengthMs;
};

/** How long it can go on like this until something changes: a window is full, or is reset, or an account comes back. */
const nextStep = (
  members: readonly Member[],
  open: readonly Member[],
  share: number,
  now: number,
): number => {
  const full = open.flatMap(({ windows }) =>
    windows.flatMap(({ used, ceiling, size }) => (size === null ? [] : [((ceiling - used) * size) / share])),
  );
  const resets = members.flatMap(({ windows, from }) => [
    ...windows.map(({ resetsAt }) => resetsAt - now),
    ...(from > now ? [from - now] : []),
  ]);
  return Math.max(1, Math.min(...full, ...resets));
};

const goOn = (members: readonly Member[], demand: number, from: number, until: number): number | null => {
  let now = from;
  for (let step = 0; step < mostSteps && now < until; step += 1) {
    for (const { windows } of members) for (const window of windows) begunAnew(window, now);
    const open = members.filter((member) => isOpen(member, now));
    if (open.length === 0) return now;
    const share = demand / open.length;
    const ms = nextStep(members, open, share, now);
    for (const { windows } of open) {
      for (const window of windows) {
        if (window.size === null) continue;
        window.used += (share * ms) / window.size;
        // What is left of it is a rounding.
        if (window.ceiling - window.used < 1e-9) window.used = window.ceiling;
      }
    }
    now += ms;
  }
  return null;
};

/**
 * When no account will be left that can serve. Looks ahead until every account's shortest window was reset, a day at
 * most. Null while nothing is known of how they are used, or no account can serve at any time. An account without quota
 * windows (an API key) never runs dry.
 */
export const poolForecastOf = (
  accounts: readonly AccountView[],
  { trends }: Use,
  now: EpochMs,
): PoolForecast | null => {
  const views = accounts.filter(({ state }) => !away.has(state));
  const own = new Map(
    views.map(({ id }) => [id, trends.filter((trend) => trend.account === id && trend.scope === null)]),
  );
  const sized = new Map<string, number[]>();
  for (const trend of [...own.values()].flat()) {
    const size = sizeOf(trend);
    if (size !== null) sized.set(trend.window, [...(sized.get(trend.window) ?? []), size]);
  }
  const mains = views.flatMap(({ id }) => {
    const trend = shortestOf((own.get(id) ?? []).map((each) => ({ id: each.window, each })))?.each;
    return trend === undefined
      ? []
      : [{ trend, size: sizeOf(trend) ?? median(sized.get(trend.window) ?? []) ?? 1 }];
  });
  const demand = demandOf(mains, now);
  if (demand <= 0) return null;
  const members = views.map((view): Member => {
    const sizes = (id: string, isMain: boolean): number | null => {
      const trend = own.get(view.id)?.find(({ window }) => window === id);
      return (trend && sizeOf(trend)) ?? median(sized.get(id) ?? []) ?? (isMain ? 1 : null);
    };
    const windows = windowsOf(view, sizes, now);
    const isUnseen = windows.length === 0 && isLoginKind(view.kind);
    return {
      from: Math.max(now, view.availableAt ?? now),
      windows: isUnseen ? unseen(now, sizes('5h', true)) : windows,
    };
  });
  const ends = members.flatMap(({ windows }) => shortestOf(windows)?.resetsAt ?? []);
  const until = asEpoch(Math.min(now + farthestMs, Math.max(now + hourMs, ...ends)));
  const dryAt = goOn(members, demand, now, until);
  return { dryAt: dryAt === null ? null : asEpoch(Math.round(dryAt)), until };
};
