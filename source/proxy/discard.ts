import type { AttemptResult } from './attempt.ts';
import { startTimeLimit } from './time-limit.ts';

/** Longest wait for the end of an answer nobody gets. */
const discardMs = 5000;

/** Empties an answer nobody gets, so that its connection can be used again; a long or slow one costs the connection. */
export const discard = (result: AttemptResult, idleMs: number): void => {
  if (result.kind !== 'response') return;
  const { response } = result;
  let length = 0;
  const limit = startTimeLimit(Math.min(discardMs, idleMs), () => response.destroy());
  const stop = (): void => limit.stop();
  response.read({
    data(bytes) {
      length += bytes.length;
      if (length <= 65_536) return;
      stop();
      response.destroy();
    },
    end: stop,
    cut: stop,
  });
};
