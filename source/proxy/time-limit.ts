// Time limits of the data plane. Each request has several and hardly ever reaches one, so that arming and disarming
// has to cost nothing: an entry in a list that one shared timer looks through, instead of a timer each (measured: four
// timers were a tenth of a small request). Precise to a tick, which is enough for limits of seconds.

const tickMs = 25;

/** A limit that runs. */
export class TimeLimit {
  /** Where it stands in the list; -1 when it has stopped. Only for the list. */
  place = -1;
  readonly #ms: number;
  readonly #expire: () => void;
  #ends: number;

  constructor(ms: number, expire: () => void) {
    this.#ms = ms;
    this.#expire = expire;
    this.#ends = performance.now() + ms;
  }

  /** Starts over; something was heard. */
  refresh(): void {
    this.#ends = coarseNow + this.#ms;
  }

  stop(): void {
    remove(this);
  }

  /** Stops and calls back when the time is over. */
  check(now: number): void {
    if (now < this.#ends) return;
    remove(this);
    this.#expire();
  }
}

const running: TimeLimit[] = [];
let ticker: NodeJS.Timeout | null = null;
/** The time of the last tick: reading the clock for every chunk of every stream would be felt. */
let coarseNow = 0;

/** Calls `expire` once after `ms` milliseconds, at most a tick late, unless it is stopped or refreshed before. */
export const startTimeLimit = (ms: number, expire: () => void): TimeLimit => {
  const limit = new TimeLimit(ms, expire);
  limit.place = running.length;
  running.push(limit);
  if (ticker === null) {
    coarseNow = performance.now();
    ticker = setInterval(tick, tickMs);
  }
  return limit;
};

const remove = (limit: TimeLimit): void => {
  const { place } = limit;
  if (place === -1) return;
  limit.place = -1;
  const last = running.pop();
  if (last === undefined || last === limit) return;
  running[place] = last;
  last.place = place;
};

const tick = (): void => {
  coarseNow = performance.now();
  // Backwards: a limit that goes is replaced by one that was looked at already.
  for (let i = running.length - 1; i >= 0; i -= 1) running[i]?.check(coarseNow);
  // One quiet tick later nothing keeps the process awake.
  if (running.length > 0 || ticker === null) return;
  clearInterval(ticker);
  ticker = null;
};
