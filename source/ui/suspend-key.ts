import type { Clock } from '../shared/clock.ts';
import type { Session } from '../store/session.ts';

/** For how long a second Ctrl-Z is the answer to the warning, and the warning stays. */
const againMs = 10_000;

/** What Ctrl-Z leads to: the sentence of a warning, or null when the process is to be stopped now. */
export const suspendWarning = (inFlight: number, sinceWarningMs: number): string | null =>
  inFlight === 0 || sinceWarningMs < againMs
    ? null
    : `${inFlight} in flight; suspending stops the proxy too; again suspends`;

export type SuspendKeyOptions = {
  session: Session;
  clock: Clock;
  /** The proxy runs in this process and would stop with it. */
  holdsProxy: boolean;
};

/** Ctrl-Z: suspends, or warns first where that would stop requests in flight. No notice but its own is taken away. */
export const createSuspendKey = (
  { session, clock, holdsProxy }: SuspendKeyOptions,
  suspend: () => void,
  setNotice: (text: string | null) => void,
): (() => void) => {
  let warnedAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const takeAway = (): void => {
    if (timer !== undefined) setNotice(null);
    clearTimeout(timer);
    timer = undefined;
  };
  return () => {
    const now = clock.monotonic();
    const inFlight = holdsProxy ? session.state().inFlight : 0;
    const warning = suspendWarning(inFlight, now - warnedAt);
    warnedAt = warning === null ? Number.NEGATIVE_INFINITY : now;
    if (warning === null) {
      takeAway();
      return suspend();
    }
    clearTimeout(timer);
    setNotice(warning);
    timer = setTimeout(takeAway, againMs).unref();
  };
};
