import type { EpochMs } from './types.ts';

const minute = 60_000;
const hour = 60 * minute;
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (n: number): string => String(n).padStart(2, '0');

/**
 * A moment as a person says it, in local time, rounded up to the minute so that it never promises too early: `14:19`
 * within 20 hours of `now`, `Tue 14:19` within 6 days, `24 Nov 14:19` within 300 days, else
 * `24 Nov 2027`; `—` for no time at all.
 */
export const localTime = (at: EpochMs, now: EpochMs): string => {
  const date = new Date(Math.ceil(at / minute) * minute);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  const away = Math.abs(at - now);
  if (!Number.isFinite(date.getTime())) return '—';
  if (away < 20 * hour) return time;
  if (away < 6 * 24 * hour) return `${days[date.getDay()] ?? ''} ${time}`;
  const day = `${date.getDate()} ${months[date.getMonth()] ?? ''}`;
  return away < 300 * 24 * hour ? `${day} ${time}` : `${day} ${date.getFullYear()}`;
};
