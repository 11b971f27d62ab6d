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

/** How far a zone is from UTC, by the minutes that `Date.getTimezoneOffset` tells: `UTC`, `UTC+1`, `UTC-3:30`. */
export const zoneName = (minutesBehind: number): string => {
  if (minutesBehind === 0 || !Number.isFinite(minutesBehind)) return 'UTC';
  const away = Math.abs(minutesBehind);
  const [hours, minutes] = [Math.floor(away / 60), away % 60];
  return `UTC${minutesBehind < 0 ? '+' : '-'}${hours}${minutes === 0 ? '' : `:${two(minutes)}`}`;
};

/** The zone that this machine is in at that moment, as `zoneName` has it. */
export const zoneOf = (at: EpochMs): string => zoneName(new Date(at).getTimezoneOffset());

/**
 * A moment in full, in local time and with its zone: `Sun 22 Nov 2026 14:06:51 UTC+1`. Not rounded; `—` for no time at
 * all.
 */
export const withZone = (at: EpochMs): string => {
  const date = new Date(at);
  if (!Number.isFinite(date.getTime())) return '—';
  const day = `${days[date.getDay()] ?? ''} ${date.getDate()} ${months[date.getMonth()] ?? ''} ${date.getFullYear()}`;
  return `${day} ${timeOfDay(at)} ${zoneName(date.getTimezoneOffset())}`;
};

/** A moment in local time as a part of a file's name, `20261122-140651`. */
export const localStamp = (at: number): string => {
  const date = new Date(at);
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
  return `${day}-${timeOfDay(asEpoch(at)).replaceAll(':', '')}`;
};
