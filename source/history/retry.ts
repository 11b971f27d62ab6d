const longestMs = 60_000;

/** Work that is tried again after a pause, which doubles each time up to a minute. */
export type Retry = {
  /** Plans the next try. */
  plan(): void;
  isPlanned(): boolean;
  /** Drops the planned try. */
  cancel(): void;
  /** It worked: the next pause is the first one again. */
  reset(): void;
};

/** Plans `work` after `firstMs` milliseconds at first. */
export const createRetry = (work: () => void, firstMs: number): Retry => {
  let timer: NodeJS.Timeout | null = null;
  let pauseMs = firstMs;
  const cancel = (): void => {
    if (timer) clearTimeout(timer);
    timer = null;
  };
  return {
    plan() {
      cancel();
      timer = setTimeout(() => {
        timer = null;
        work();
      }, pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestMs);
    },
    isPlanned: () => timer !== null,
    cancel,
    reset() {
      pauseMs = firstMs;
    },
  };
};
