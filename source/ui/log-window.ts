import type { LogLine } from '../store/state.ts';
import { scrollTo } from './layout.ts';

/** The selected log line and the topmost visible one, by `seq`. */
export type LogPlace = { selected: number; top: number };

export type LogWindow = {
  /** Index of the first visible line. */
  start: number;
  /** Index of the selected line; -1 when there is none. */
  selected: number;
  following: boolean;
  /** Lines newer than the selected one. */
  below: number;
};

/** Index of the line with that `seq`, or of the next newer one when it was evicted; the last index at most. */
const indexOf = (log: readonly LogLine[], seq: number): number => {
  const found = log.findIndex((line) => line.seq >= seq);
  return found === -1 ? log.length - 1 : found;
};

/** Which log lines are in view, newest last. Without a place it follows the newest. */
export const logWindow = (place: LogPlace | null, log: readonly LogLine[], height: number): LogWindow => {
  const last = log.length - 1;
  if (place === null || log.length === 0) {
    return { start: Math.max(0, log.length - height), selected: last, following: true, below: 0 };
  }
  const selected = indexOf(log, place.selected);
  const start = scrollTo(selected, indexOf(log, place.top), height, log.length);
  return { start, selected, following: false, below: last - selected };
};

/** The place after selecting the line at `index`; null, which follows the newest, when that is the last one. */
export const selectLog = (
  place: LogPlace | null,
  log: readonly LogLine[],
  height: number,
  index: number,
): LogPlace | null => {
  if (index >= log.length - 1) return null;
  const to = Math.max(0, index);
  const top = scrollTo(to, logWindow(place, log, height).start, height, log.length);
  return { selected: log[to]?.seq ?? 0, top: log[top]?.seq ?? 0 };
};
