const runs = 9;

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

/** Resolves with the time when it was over. */
const after = (ms: number): Promise<number> =>
  new Promise((resolve) => void setTimeout(() => resolve(performance.now()), ms));
