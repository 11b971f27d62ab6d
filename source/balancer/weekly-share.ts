import type { AccountRuntime } from './account-state.ts';
import { RecentMap } from '../shared/recent-map.ts';
import { applies } from './rests.ts';
import type { EpochMs, LimitWindow } from '../shared/types.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const units: Readonly<Record<string, number>> = { m: 60_000, h: hourMs, d: dayMs };

/** Choices ask for the same few ids all the time. Bounded, for servers may invent ids. */
const lengths = new RecentMap<number | null>(64);

/** How long a window lasts, by its id (`5h`, `7d`, `7d_oi`), in ms; null when the id does not say. */
export const windowLength = (id: string): number | null => {
  const known = lengths.get(id);
  if (known !== undefined) return known;
  const length = readLength(id);
  lengths.set(id, length);
  return length;
};

const readLength = (id: string): number | null => {
  const [, count, unit = ''] = /^(\d{1,3})([mhd])(?:_|$)/.exec(id) ?? [];
  return count === undefined ? null : Number(count) * (units[unit] ?? 0);
};

type Standing = { used: number; leftMs: number };

/** How a window of fixed weeks stands now: one whose reset has passed has begun anew, and nobody has told of it yet. */
const standingOf = (
  { utilization, resetsAt }: LimitWindow,
  length: number,
  now: EpochMs,
): Standing | null => {
  if (utilization === null || resetsAt === null) return null;
  if (resetsAt > now) return { used: utilization, leftMs: resetsAt - now };
  return { used: 0, leftMs: length - ((now - resetsAt) % length) };
};

/** The share used of the fullest short window that is open; 0 when none is. */
const shortUse = (windows: readonly LimitWindow[], model: string | null, now: EpochMs): number => {
  let most = 0;
  for (const { id, scope, utilization, resetsAt } of windows) {
    const length = windowLength(id);
    if (length === null || length >= dayMs || !applies(scope, model)) continue;
    if (resetsAt !== null && resetsAt > now) most = Math.max(most, Math.min(1, utilization ?? 0));
  }
  return most;
};

/**
 * The share of its week that an account has left for each hour until the week's reset: what is large here would go to
 * waste. Half as large with a short window that is all but spent. Of several weeks that apply to the model the scarcest
 * counts; Infinity when no week is known, so that such an account is asked and tells.
 */
export const weeklyShare = (
  { windows }: Pick<AccountRuntime, 'windows'>,
  model: string | null,
  now: EpochMs,
): number => {
  let least = Number.POSITIVE_INFINITY;
  for (const window of windows) {
    const length = windowLength(window.id);
    if (length === null || length < dayMs || !applies(window.scope, model)) continue;
    const standing = standingOf(window, length, now);
    if (standing === null) continue;
    // Within the last hour a tiny rest would look like plenty.
    least = Math.min(least, Math.max(0, 1 - standing.used) / (Math.max(hourMs, standing.leftMs) / hourMs));
  }
  return least === Number.POSITIVE_INFINITY ? least : least * (1 - shortUse(windows, model, now) / 2);
};

/** When the first week that applies to the model ends; 0 when none is known. */
export const weeklyReset = (
  { windows }: Pick<AccountRuntime, 'windows'>,
  model: string | null,
  now: EpochMs,
): number => {
  let first = Number.POSITIVE_INFINITY;
  for (const window of windows) {
    const length = windowLength(window.id);
    if (length === null || length < dayMs || !applies(window.scope, model)) continue;
    const standing = standingOf(window, length, now);
    if (standing !== null) first = Math.min(first, now + standing.leftMs);
  }
  return first === Number.POSITIVE_INFINITY ? 0 : first;
};
