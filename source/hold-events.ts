import type { ProxyEvent } from './shared/events.ts';

type Apply = (events: readonly ProxyEvent[]) => void;

export type HeldEvents = {
  /** Passes events on, or keeps them while they are held. */
  apply: Apply;
  /** From now on events wait. */
  hold(): void;
  /** Passes on what has waited, in its order, and everything from now on at once. */
  release(): void;
};

/** Between a proxy and those who hear of it: what it tells while they are not there yet is not lost to them. */
export const holdEvents = (apply: Apply): HeldEvents => {
  let held: ProxyEvent[] | null = null;
  return {
    apply(events) {
      if (held === null) apply(events);
      else held.push(...events);
    },
    hold: () => void (held ??= []),
    release() {
      const events = held ?? [];
      held = null;
      if (events.length > 0) apply(events);
    },
  };
};
