// Time limits of the data plane. Each request has several and hardly ever reaches one, so that arming and disarming
// has to cost nothing: an entry in a list that one shared timer looks through, instead of a timer each (measured: four
// timers were a tenth of a small request). Precise to two ticks, which is enough for limits of seconds.

const tickMs = 25;

/** A limit that runs. */
export class TimeLimit {
  /** Where it stands in the list; -1 when it has stopped. Only for the list. */
  place = -1;
  #ms = 0;
  readonly #expire: () => void;
  #ends = 0;

  constructor(expire: () => void) {
    this.#expire = expire;
  }

  /** Starts over, with another length of time; one that has stopped stays so. */
  restart(ms: number): void {
    this.#ms = ms;
    this.refresh();
  }

  /** Starts over; something was heard. */
  refresh(): void {
    // The last tick is up to a tick ago: without one more the limit could end early.
    this.#ends = coarseNow + tickMs + this.#ms;
  }

  /** Gives it so many milliseconds more. */
  extend(ms: number): void {
    this.#ends += ms;
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
/** The time of the last tick: reading the clock for every limit and every chunk of every stream would be felt. */
let coarseNow = 0;

/** Calls `expire` once after `ms` milliseconds, at most two ticks late, unless it is stopped or refreshed before. */
export const startTimeLimit = (ms: number, expire: () => void): TimeLimit => {
  const limit = new TimeLimit(expire);
  limit.place = running.length;
  running.push(limit);
  if (ticker === null) {
    coarseNow = performance.now();
    ticker = setInterval(tick, tickMs);
  }
  limit.restart(ms);
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

/** A tick that is later than this was kept by something else than work: the process was stopped, or its machine. */
const standstillMs = 1000;
/** Behind a tick that is later than this a good deal may lie unread. */
const unreadMs = 2 * tickMs;
/** Whether the last tick left the limits to this one. */
let hasWaited = false;

const tick = (): void => {
  const late = performance.now() - coarseNow - tickMs;
  coarseNow += late + tickMs;
  // Nobody was silent while we did not listen, and what was said meanwhile is read after this.
  if (late > standstillMs) for (const limit of running) limit.extend(late);
  // Timers come before what has arrived: a limit that ended while we did not listen is judged when that has been read.
  // Never twice in a row, so that limits end however busy this thread is.
  hasWaited = late > unreadMs && !hasWaited;
  if (hasWaited) return;
  // Backwards: a limit that goes is replaced by one that was looked at already.
  for (let i = running.length - 1; i >= 0; i -= 1) running[i]?.check(coarseNow);
  // One quiet tick later nothing keeps the process awake.
  if (running.length > 0 || ticker === null) return;
  clearInterval(ticker);
  ticker = null;
};
