import { asDuration, type DurationMs, type EpochMs } from './types.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Without a fresh header for this long, a countdown is marked as stale. */
export const staleAfterMs = asDuration(10 * minute);

/** How far the server's clock may be ahead of ours before a reset beyond the window's length counts as impossible. */
const clockSkewMs = minute;

const two = (n: number): string => String(n).padStart(2, '0');

/** A hundred years: nothing here is longer, and no window lasts so long. */
const farthestMs = 36_525 * day;

const remaining = (ms: number): string => {
  const seconds = Math.ceil(ms / second);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  const minutes = Math.ceil(ms / minute);
  if (minutes < 60) return `${minutes}m`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`;
  const hours = Math.ceil(ms / hour);
  if (hours < 100 * 24) return `${Math.floor(hours / 24)}d${hours % 24}h`;
  return `${Math.ceil(hours / 24)}d`;
};

/** Whether a window of that length can end so late; a minute of clock difference is forgiven. */
export const isPossibleReset = (resetsAt: EpochMs, now: EpochMs, windowMs: number | null): boolean =>
  resetsAt - now <= (windowMs ?? farthestMs) + clockSkewMs;

/**
 * The time left until a window's reset, for a person, at most 7 characters: `120d` from 100 d, `3d4h` from 48 h, `1h42m`
 * or `42m` from 10 min, `9m05s`, `45s`, `now` when it is past, `—` when it is unknown or later than a window of
 * `windowMs` can end. Rounded up to the unit shown, so that it never promises too early. `?` is added when the server
 * last spoke of it (`seenAt`) over 10 min ago.
 */
export const countdown = (
  resetsAt: EpochMs | null,
  now: EpochMs,
  known: { seenAt?: EpochMs | null; windowMs?: number | null } = {},
): string => {
  if (resetsAt === null || !Number.isFinite(resetsAt)) return '—';
  const left = resetsAt - now;
  if (left <= 0) return 'now';
  const windowMs = known.windowMs ?? farthestMs;
  if (!isPossibleReset(resetsAt, now, windowMs)) return '—';
  const stale = known.seenAt !== undefined && known.seenAt !== null && now - known.seenAt > staleAfterMs;
  return `${remaining(Math.min(left, windowMs))}${stale ? '?' : ''}`;
};

/** A countdown in a sentence: `resets in 5m`, `resets now`. */
export const inTime = (left: string): string => (left === 'now' ? left : `in ${left}`);

/** How long something took, rounded to the nearest unit shown: `410ms`, `6.2s`, `1m05s`, `2h07m`. */
export const elapsed = (ms: number): string => {
  const whole = Math.max(0, Math.round(ms));
  if (whole < second) return `${whole}ms`;
  const tenths = Math.round(whole / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)}s`;
  const seconds = Math.round(whole / second);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  const minutes = Math.round(whole / minute);
  return `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`;
};

const units: Readonly<Record<string, number>> = { s: second, m: minute, h: hour, d: day, w: 7 * day };

/** A length of time as a person types it: `90s`, `30m`, `24h`, `7d`, `2w`. null when it is not one, or over 100 years. */
export const parseAge = (text: string): DurationMs | null => {
  const match = /^(\d{1,12})([smhdw])$/.exec(text.trim());
  if (match === null) return null;
  const ms = Number(match[1]) * (units[match[2] ?? ''] ?? Number.NaN);
  return ms <= farthestMs ? asDuration(ms) : null;
};

const magnitudes = [
  { from: 1e9, suffix: 'G' },
  { from: 1e6, suffix: 'M' },
  { from: 1e3, suffix: 'k' },
] as const;

/** A count in at most five characters, rounded: `950`, `11.8k`, `118k`, `1.2M`. */
export const compactCount = (count: number): string => {
  if (count < 0) return `-${compactCount(-count)}`;
  const whole = Math.round(count);
  for (const { from, suffix } of magnitudes) {
    // 999,950 is shown as 1M, not as 1000k: the size is chosen after rounding.
    if (whole < from * 0.9995 || whole < 1000) continue;
    const value = whole / from;
    return `${value < 99.95 ? Math.round(value * 10) / 10 : Math.round(value)}${suffix}`;
  }
  return String(whole);
};
