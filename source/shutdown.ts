import { atMost } from './shared/at-most.ts';
import type { Clock } from './shared/clock.ts';
import { systemCode } from './shared/system-code.ts';

/** Why the program is to end. */
export type StopReason =
  | { kind: 'signal'; signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP' }
  /** By the control socket, or because the reader of our output has gone. */
  | { kind: 'asked' }
  | { kind: 'key'; key: 'q' | 'ctrl+c' }
  /** The instance of another process, which a screen was attached to, has stopped in order. */
  | { kind: 'gone' }
  /** Something that should not happen did. */
  | { kind: 'broken'; error: unknown };

/** Every wish to stop, in the order they came: the first one starts a drain, the next one ends it. */
export type StopWishes = {
  push(reason: StopReason): void;
  next(): Promise<StopReason>;
  /** Aborted with the first wish, for what is under way before anybody asks for the next one. */
  first: AbortSignal;
  /** While this work goes on, Ctrl-C is for another program of this terminal: SIGINT, which all of them get, is no wish. */
  withoutInterrupts<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Gives the signals back. */
  close(): void;
};

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Listens to the signals and to errors that nobody caught. */
export const collectStopWishes = (process: NodeJS.Process): StopWishes => {
  const waiting: ((reason: StopReason) => void)[] = [];
  const kept: StopReason[] = [];
  const first = new AbortController();
  const push = (reason: StopReason): void => {
    first.abort();
    const taker = waiting.shift();
    if (taker) taker(reason);
    else kept.push(reason);
  };
  let elsewhere = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (signal !== 'SIGINT' || elsewhere === 0) push({ kind: 'signal', signal: signal as 'SIGINT' });
  };
  const onError = (error: unknown): void => push({ kind: 'broken', error });
  for (const signal of signals) process.on(signal, onSignal);
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  return {
    push,
    first: first.signal,
    next() {
      const reason = kept.shift();
      return reason ? Promise.resolve(reason) : new Promise((resolve) => waiting.push(resolve));
    },
    async withoutInterrupts(work) {
      elsewhere += 1;
      return work().finally(() => {
        elsewhere -= 1;
      });
    },
    close() {
      for (const signal of signals) process.off(signal, onSignal);
      process.off('uncaughtException', onError);
      process.off('unhandledRejection', onError);
    },
  };
};

export type DrainOptions = {
  /** Takes no new request; resolves with the number of requests that had to be cut. Called again with 0 to cut now. */
  drain(limitMs: number): Promise<number>;
  inFlight(): number;
  wishes: StopWishes;
  limitMs: number;
  clock: Clock;
  /** Calls the listener after each change of `inFlight`, and maybe more often. */
  subscribe?(listener: () => void): () => void;
  /** Called at once, then every second and after each change, with what is left. */
  onTick?(inFlight: number, leftMs: number): void;
};

/** Longer than the data plane itself waits for the end of a request whose connection it has closed. */
const lastRowsMs = 1500;

/** What the calls for a terminal that has gone end with: each write, and switching its modes. */
const lostTerminal = new Set(['EIO', 'EPIPE', 'ENXIO']);

const isLostTerminal = (error: unknown): boolean =>
  lostTerminal.has(systemCode(error)) ||
  (error instanceof Error && lostTerminal.has(systemCode(error.cause)));

/**
 * Whether a wish that comes while requests finish means: now. A hangup comes twice by itself, from the shell and from the
 * kernel, beside what fails on the terminal that has gone, and a reader that left (`| tee`, ended by the same Ctrl-C) is
 * no person in a hurry.
 */
const hurries = (reason: StopReason): boolean =>
  reason.kind === 'key' ||
  (reason.kind === 'broken' && !isLostTerminal(reason.error)) ||
  (reason.kind === 'signal' && reason.signal !== 'SIGHUP');

const nextInHurry = async (wishes: StopWishes): Promise<void> => {
  while (!hurries(await wishes.next()));
};

/** Lets requests finish until the limit or the next wish to stop. Returns how many had to be cut. */
export const drainOrCut = async (options: DrainOptions): Promise<number> => {
  const { drain, inFlight, wishes, limitMs, clock, subscribe, onTick } = options;
  const ends = clock.monotonic() + limitMs;
  const tick = (): void => onTick?.(inFlight(), Math.max(0, ends - clock.monotonic()));
  const ticking = setInterval(tick, 1000);
  const unsubscribe = subscribe?.(tick);
  const draining = drain(limitMs);
  tick();
  let cut = 0;
  const again = nextInHurry(wishes).then(async () => {
    // What began a moment ago may not be known here yet, and a data plane that hangs does not tell what it cut.
    cut = inFlight();
    // The requests that are cut still tell their end; a data plane that hangs is not waited for.
    return (await atMost(drain(0), lastRowsMs)) ?? 0;
  });
  const ended = await Promise.race([draining, again]);
  clearInterval(ticking);
  unsubscribe?.();
  return Math.max(cut, ended);
};

const signalCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * What the process exits with. Without a screen a stop that cut nothing is a success, whoever asked for it; on a
 * screen a signal shows in the code, as a shell expects it.
 */
export const exitCodeOf = (reason: StopReason, cut: number, onScreen: boolean): number => {
  switch (reason.kind) {
    case 'broken':
      return 1;
    case 'asked':
    case 'gone':
      return 0;
    case 'key':
      return reason.key === 'q' ? 0 : 130;
    case 'signal':
      return onScreen || cut > 0 ? signalCodes[reason.signal] : 0;
  }
};
