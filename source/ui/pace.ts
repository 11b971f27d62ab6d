import type { Clock } from '../shared/clock.ts';

/** Changes of the state are shown at most ten times a second, whatever the traffic; keys at once. */
const usualMs = 100;
/** The same when more requests come than anybody reads: each frame then is a list of other requests. */
const hastyMs = 250;
const hastyPerSecond = 100;
/** Over less time a few requests at once would look like many. */
const measureMs = 500;

/**
 * How long to wait between two frames, in ms, by how many requests were seen until now: so the cost of a frame in which
 * every line is new, to us and on the way to a distant terminal, is paid less often.
 */
export const createPace = (clock: Pick<Clock, 'monotonic'>): ((seen: number) => number) => {
  let last = { at: clock.monotonic(), seen: Infinity };
  let everyMs = usualMs;
  return (seen) => {
    const at = clock.monotonic();
    const elapsed = at - last.at;
    if (elapsed < measureMs) return everyMs;
    everyMs = ((seen - last.seen) / elapsed) * 1000 > hastyPerSecond ? hastyMs : usualMs;
    last = { at, seen };
    return everyMs;
  };
};
