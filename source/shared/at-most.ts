const partMs = 100;

/** For what is written at the end: a disk that does not answer must not keep the program; a busy one takes half a second. */
export const longestEndMs = 2000;

/**
 * What the work comes to, or undefined when that takes longer than so many milliseconds, to the tenth of a second; rejects
 * as it does. A stretch in which the machine had no time for this thread counts for one part, however long it was: what was told
 * meanwhile is heard before the wait is over. Leaves no timer behind.
 */
export const atMost = async <Value>(work: Promise<Value>, ms: number): Promise<Value | undefined> => {
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  let left = Math.ceil(ms / partMs);
  const timer = setInterval(() => {
    left -= 1;
    if (left <= 0) resolve(undefined);
  }, partMs);
  try {
    return await Promise.race([work, over]);
  } finally {
    clearInterval(timer);
  }
};
