import type { Clock } from '../shared/clock.ts';
import { sameFrame, type Frame } from './frame.ts';
import { createPaintTimer, type PaintTimer } from './paint-timer.ts';

/** The frame that is on the screen. It changes only when it looks different, and tells whoever draws it. */
export type Picture = PaintTimer & {
  frame(): Frame;
  /** Called after the frame has changed; the returned function ends it. */
  subscribe(listener: () => void): () => void;
};

export type PictureOptions = {
  clock: Clock;
  /** What should be on the screen now. */
  make(): Frame;
  /** In how many ms that changes by the clock alone. */
  changesIn(): number;
  /** How long to wait between two frames for changes, in ms. */
  everyMs(): number;
  /** The terminal has not taken the last frame yet: no new one is made until it has. */
  busy(): boolean;
};

/** How long to wait for a terminal that is behind. */
const busyMs = 100;

/** Keeps itself up to date by the clock until `stop`; `soon` after changes of the state, `now` after keys. */
export const createPicture = ({ clock, make, changesIn, everyMs, busy }: PictureOptions): Picture => {
  const listeners = new Set<() => void>();
  let frame = make();
  const painter = createPaintTimer(clock, everyMs, () => {
    if (busy()) return busyMs;
    const next = make();
    if (!sameFrame(frame, next)) {
      frame = next;
      for (const listener of listeners) listener();
    }
    return changesIn();
  });
  return {
    ...painter,
    frame: () => frame,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
