import type { Clock } from '../shared/clock.ts';

/** What a person can take back, the newest first. */
export type Undos = {
  /** Remembers how something is taken back. The returned function forgets it: it has not happened after all. */
  push(undo: () => void): () => void;
  /** Takes the newest back that is not older than `undoMs`. False when there is none. */
  undo(): boolean;
};

/** How long something can be taken back. */
export const undoMs = 10_000;
/** More than a person can have pressed by mistake and remember. */
const undoLimit = 20;

/** Nothing to take back at first. An undo can not be undone. */
export const createUndos = (clock: Pick<Clock, 'monotonic'>): Undos => {
  let entries: { undo: () => void; at: number }[] = [];
  return {
    push: (undo) => {
      const entry = { undo, at: clock.monotonic() };
      entries = [...entries, entry].slice(-undoLimit);
      return () => {
        entries = entries.filter((each) => each !== entry);
      };
    },
    undo: () => {
      const newest = entries.pop();
      if (newest === undefined || clock.monotonic() - newest.at > undoMs) {
        entries = [];
        return false;
      }
      newest.undo();
      return true;
    },
  };
};
