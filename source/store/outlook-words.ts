import { elapsed } from '../shared/duration.ts';
import type { PoolForecast, WindowForecast } from '../shared/forecast.ts';
import { clockTime, localTime } from '../shared/local-time.ts';
import { asEpoch, type EpochMs } from '../shared/types.ts';

// Forecasts in words: always with the mark of an estimate, and a dash where too little is known.

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** As wide as the short form gets: `~14:32`. */
export const shortWidth = 6;

/** To the nearest minute: a second more or less is none of a forecast. */
const rounded = (at: EpochMs): EpochMs => asEpoch(Math.round(at / minuteMs) * minuteMs);

/** When the window is empty in at most six characters: `~14:32`, `~Thu` from a day on, `lasts`, `—`. */
export const shortForecast = (forecast: WindowForecast | undefined, now: EpochMs): string => {
  if (forecast === undefined) return '—';
  const { emptyAt } = forecast;
  if (emptyAt === null) return 'lasts';
  if (emptyAt - now < 20 * 60 * minuteMs) return `~${clockTime(rounded(emptyAt))}`;
  return `~${days[new Date(emptyAt).getDay()] ?? ''}`;
};

/** `40 min`, `3h05m`, `2d4h`: how long before something. */
const span = (ms: number): string => {
  const minutes = Math.round(ms / minuteMs);
  if (minutes < 60) return `${minutes} min`;
  if (ms < 2 * dayMs) return elapsed(minutes * minuteMs);
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)}d${hours % 24}h`;
};

/** The same as a sentence: `empty at ~14:32, 40 min before its reset`, `lasts until its reset`. */
export const forecastText = ({ emptyAt }: WindowForecast, resetsAt: EpochMs | null, now: EpochMs): string => {
  if (emptyAt === null) return 'lasts until its reset';
  const before = resetsAt === null ? '' : `, ${span(resetsAt - emptyAt)} before its reset`;
  return `empty at ~${localTime(rounded(emptyAt), now)}${before}`;
};

/** When all accounts together are empty: `dry at ~17:05`, `lasts`, `—`. */
export const poolText = (pool: PoolForecast | null, now: EpochMs): string => {
  if (pool === null) return '—';
  if (pool.dryAt === null) return 'lasts';
  return pool.dryAt <= now ? 'dry' : `dry at ~${localTime(rounded(pool.dryAt), now)}`;
};
