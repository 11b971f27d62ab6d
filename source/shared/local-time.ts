import { asEpoch, type EpochMs } from './types.ts';

const minute = 60_000;
const hour = 60 * minute;
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (n: number): string => String(n).padStart(2, '0');

/** Local time of day, `14:06:51`. */
export const timeOfDay = (at: EpochMs): string => {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};

/** The same without seconds, `14:06`; not rounded, as on a clock. */
export const clockTime = (at: EpochMs): string => timeOfDay(at).slice(0, 5);

/**
 * A moment as a person says it, in local time, rounded up to the minute so that it never promises too early: `14:19`
 * within 20 hours of `now`, `Tue 14:19` within 6 days, `24 Nov 14:19` within 300 days, else
 * `24 Nov 2027`; `—` for no time at all.
 */
export const localTime = (at: EpochMs, now: EpochMs): string => {
  const up = asEpoch(Math.ceil(at / minute) * minute);
  const date = new Date(up);
  const time = clockTime(up);
  const away = Math.abs(at - now);
  if (!Number.isFinite(date.getTime())) return '—';
  if (away < 20 * hour) return time;
  if (away < 6 * 24 * hour) return `${days[date.getDay()] ?? ''} ${time}`;
  const day = `${date.getDate()} ${months[date.getMonth()] ?? ''}`;
  return away < 300 * 24 * hour ? `${day} ${time}` : `${day} ${date.getFullYear()}`;
};
