import { parseAge } from '../shared/duration.ts';
import type { WindowForecast } from '../shared/forecast.ts';
import { asEpoch, type EpochMs } from '../shared/types.ts';
import type { Reading, Trend } from './trends.ts';

// How fast a window is used up, out of the changes of its utilization. What one looks at is the server's own figure: use
// outside this proxy is in it. It comes in hundredths, so a single change tells little, and the time without one a bit.

const hourMs = 3_600_000;
/** What servers round to. */
const step = 0.01;
/** Fewer readings are no trend. */
const fewestReadings = 3;
/** Nobody foretells the next day from five minutes: what was seen has to be this part of what is foretold. */
const leastSeen = 1 / 12;
/** Of a window's length: for how long what was seen counts, and after what time people do as they usually do. */
export const memory = 1 / 5;
const habit = 1 / 8;
/** Of a window whose length is not known. */
const usualLengthMs = 5 * hourMs;

/** The length of a window that is named by it (`5h`, `7d_opus`); null of any other. */
export const lengthOf = (id: string): number | null => parseAge(/^\d+[a-z](?=_|$)/.exec(id)?.[0] ?? '');

/** How much the time between two moments counts now: what is long ago counts less. */
export const weightOf = (from: number, to: number, now: number, memoryMs: number): number =>
  memoryMs * (Math.exp((to - now) / memoryMs) - Math.exp((from - now) / memoryMs));

/** What was used between the readings, each part by how much its time counts now. */
export const grownOf = (readings: readonly Reading[], now: number, memoryMs: number): number => {
  let grown = 0;
  for (const [index, { at, used }] of readings.entries()) {
    const before = readings[index - 1];
    if (before === undefined || at <= before.at) continue;
    grown += ((used - before.used) / (at - before.at)) * weightOf(before.at, at, now, memoryMs);
  }
  return grown;
};

/** Use per ms of late; 0 where nothing has changed. */
const recentRate = (readings: readonly Reading[], now: number, memoryMs: number): number => {
  const grown = grownOf(readings, now, memoryMs);
  if (grown <= 0) return 0;
  const weights = weightOf(readings[0]?.at ?? now, readings.at(-1)?.at ?? now, now, memoryMs);
  const rate = grown / weights;
  // The next hundredth may be nearly full: only a pause that is longer than one takes says that less is used now.
  const quietFrom = (readings.at(-1)?.at ?? now) + step / rate;
  return quietFrom >= now ? rate : grown / (weights + weightOf(quietFrom, now, now, memoryMs));
};

/** Use per ms since the window began; null when that is not known, or was just now. */
const usualRate = (used: number, resetsAt: number, lengthMs: number | null, now: number): number | null => {
  if (lengthMs === null) return null;
  const elapsed = now - (resetsAt - lengthMs);
  return elapsed < lengthMs / 20 || elapsed > lengthMs ? null : used / elapsed;
};

/** After how many ms `amount` is used, when the rate goes from `recent` to `usual` as time passes. Infinity: never. */
const timeFor = (amount: number, recent: number, usual: number, habitMs: number): number => {
  const usedAfter = (ms: number): number =>
    usual * ms + (recent - usual) * habitMs * (1 - Math.exp(-ms / habitMs));
  let high = habitMs / 64;
  while (usedAfter(high) < amount) {
    high *= 2;
    if (high > 1e12) return Number.POSITIVE_INFINITY;
  }
  let low = 0;
  while (high - low > 1000) {
    const middle = (low + high) / 2;
    if (usedAfter(middle) < amount) low = middle;
    else high = middle;
  }
  return high;
};

/**
 * When the window of this trend will be used up as far as `ceiling` (0..1; of a cap, else 1). Null while too little is
 * known: fewer than three readings, none of this period, a burst that is too short to foretell so much from, or when
 * the ceiling has been reached.
 */
export const forecastOf = (trend: Trend, now: EpochMs, ceiling = 1): WindowForecast | null => {
  const { readings, resetsAt, window } = trend;
  const [first] = readings;
  const last = readings.at(-1);
  if (first === undefined || last === undefined || readings.length < fewestReadings) return null;
  const left = resetsAt - now;
  const amount = ceiling - last.used;
  if (left <= 0 || amount <= 0) return null;
  const lengthMs = lengthOf(window);
  const scale = lengthMs ?? usualLengthMs;
  const recent = recentRate(readings, now, scale * memory);
  const usual = usualRate(last.used, resetsAt, lengthMs, now);
  // Part of the next hundredth is used already.
  const rest = amount - Math.min(step, recent * (now - last.at));
  const needed = Math.min(timeFor(amount, recent, recent, scale * habit), left) * leastSeen;
  const isSeen = now - first.at >= needed;
  if (!isSeen && usual === null) return null;
  const rate = isSeen ? recent : (usual ?? recent);
  const after = timeFor(rest, rate, usual ?? rate, scale * habit);
  return { emptyAt: after < left ? asEpoch(Math.round(now + after)) : null, perHour: rate * hourMs };
};
