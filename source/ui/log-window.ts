import { indexOfSeq } from '../store/selectors.ts';
import type { LogLine } from '../store/state.ts';

// The log sentences in view. A sentence takes as many lines as it needs; the selection goes from one to the next.

/** The selected sentence and the topmost visible one, by `seq`. */
export type LogPlace = { selected: number; top: number };

/** The log as it is drawn: how many lines there are, and how many of them a sentence takes. */
export type LogRoom = { height: number; linesOf: (entry: LogLine) => number };

export type LogWindow = {
  /** Index of the first visible sentence. */
  start: number;
  /** Index of the selected one; -1 when there is none. */
  selected: number;
  following: boolean;
  /** Sentences newer than the selected one. */
  below: number;
};

/** The first sentence from which on all up to `last` are in view; `last` itself even where it has no room. */
const endingWith = (log: readonly LogLine[], last: number, { height, linesOf }: LogRoom): number => {
  let start = last + 1;
  let free = height;
  for (let index = last; index >= 0; index -= 1) {
    const entry = log[index];
    free -= entry === undefined ? 0 : linesOf(entry);
    if (free < 0) break;
    start = index;
  }
  return Math.max(0, Math.min(start, last));
};

/** `top` moved as little as possible so that the selected sentence is in view and no line at the end stays empty. */
const scrolled = (log: readonly LogLine[], selected: number, top: number, room: LogRoom): number => {
  const kept = Math.min(Math.max(top, endingWith(log, selected, room)), selected);
  return Math.min(kept, endingWith(log, log.length - 1, room));
};

/** Which sentences are in view, newest last. Without a place it follows the newest. */
export const logWindow = (place: LogPlace | null, log: readonly LogLine[], room: LogRoom): LogWindow => {
  const last = log.length - 1;
  if (place === null || log.length === 0) {
    return { start: endingWith(log, last, room), selected: last, following: true, below: 0 };
  }
  const selected = indexOfSeq(log, place.selected);
  const start = scrolled(log, selected, indexOfSeq(log, place.top), room);
  return { start, selected, following: false, below: last - selected };
};

/** The place after selecting the sentence at `index`; null, which follows the newest, when that is the last one. */
export const selectLog = (
  place: LogPlace | null,
  log: readonly LogLine[],
  room: LogRoom,
  index: number,
): LogPlace | null => {
  if (index >= log.length - 1) return null;
  const to = Math.max(0, index);
  const top = scrolled(log, to, logWindow(place, log, room).start, room);
  return { selected: log[to]?.seq ?? 0, top: log[top]?.seq ?? 0 };
};
