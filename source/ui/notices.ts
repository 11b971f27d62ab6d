import type { Clock } from '../shared/clock.ts';

/** The sentences that stand in place of the newest log line, each for as long as it is worth the place. */
export type Notices = {
  /** Stays until it is set to null, and hides all others: what it says is of the whole program. */
  hold(text: string | null): void;
  /** Stays until the next key. */
  tell(text: string): void;
  /** Stays so many ms; a key does not take it away. */
  show(text: string, ms: number): void;
  /** The instance that is shown cannot be heard, and why; null = it can. It has a place of its own. */
  lose(text: string | null): void;
  lost(): string | null;
  /** A key was pressed. */
  keyPressed(): void;
  /** What to show now; null = nothing. */
  current(): string | null;
  /** In how many ms `current` changes by the clock alone; Infinity = never. */
  changesIn(): number;
};

/** Nothing is shown at first. */
export const createNotices = (clock: Pick<Clock, 'monotonic'>): Notices => {
  let held: string | null = null;
  let lost: string | null = null;
  let told: string | null = null;
  let shown = { text: '', until: -Infinity };
  const left = (): number => shown.until - clock.monotonic();
  return {
    hold: (text) => {
      held = text;
    },
    tell: (text) => {
      told = text;
    },
    show: (text, ms) => {
      told = null;
      shown = { text, until: clock.monotonic() + ms };
    },
    lose: (text) => {
      lost = text;
    },
    lost: () => lost,
    keyPressed: () => {
      told = null;
    },
    current: () => held ?? told ?? (left() > 0 ? shown.text : null),
    changesIn: () => (left() > 0 ? left() : Infinity),
  };
};
