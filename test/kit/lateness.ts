/** How often `lateness` runs its act. */
export const runs = 9;

/**
 * By how many milliseconds `act` ends later than a timer of `ms` that is started when it calls `begin`: both wait for the
 * same busy processor, so that what is left is what `act` does by itself. The middle of several runs that overlap.
 */
export const lateness = async (ms: number, act: (begin: () => void) => Promise<unknown>): Promise<number> => {
  const late = Array.from({ length: runs }, async (_, n) => {
    await after(n * 25);
    const due = Promise.withResolvers<number>();
    await act(() => due.resolve(after(ms)));
    const ended = performance.now();
    return ended - (await due.promise);
  });
  return (await Promise.all(late)).toSorted((a, b) => a - b)[runs >> 1] ?? Infinity;
};

/**
 * Holds back whoever calls it until all `count` have, and lets them go one after the other: what they did to get there is
 * over then, and takes no time from what is measured.
 */
export const inTurn = (count: number): (() => Promise<unknown>) => {
  const all = Promise.withResolvers<void>();
  let come = 0;
  return async () => {
    const turn = come;
    come += 1;
    if (come === count) all.resolve();
    await all.promise;
    await after(turn * 30);
  };
};

const lookMs = 5;
/** As in `time-limit.ts`: time in which this process stood still for so long counts for nobody. */
const standstillMs = 1000;

/** Resolves with the time when it was over. */
const after = (ms: number): Promise<number> =>
  new Promise((resolve) => {
    let at = performance.now();
    let due = at + ms;
    const look = (): void => {
      const now = performance.now();
      if (now - at > standstillMs) due += now - at;
      at = now;
      if (now >= due) resolve(now);
      else setTimeout(look, Math.min(lookMs, due - now));
    };
    look();
  });
