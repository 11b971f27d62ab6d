import type { FaultRule } from './faults.ts';
import type { Random } from './random.ts';
import { happenings, type Happening } from './scenario.ts';

export type TroubleOptions = {
  random: Random;
  /** Ends it. */
  signal: AbortSignal;
  /** Settles after so many ms, or when it is to end. */
  pause(ms: number): Promise<unknown>;
  /** Ms since the start. */
  elapsed(): number;
  /** Makes requests fail at the simulated provider; the returned function clears the fault. */
  fail(rule: FaultRule): () => void;
  /** Makes a client hang up on a stream; false when none is open. */
  leaveOne(): boolean;
};

const messages = { path: '/v1/messages', times: 1 } as const;

/** What each happening does at the provider; nothing for the one that a client does. */
const faultsOf: Readonly<Record<Happening['what'], readonly FaultRule[]>> = {
  pace: [{ ...messages, fault: 'pace', retryAfter: 3 }],
  overload: [{ ...messages, fault: 'overloaded' }],
  cut: [{ ...messages, fault: 'no-message-stop', after: 6 }],
  leave: [],
  // Everything of one provider; the other one takes over.
  outage: ['work', 'home', 'team-a'].map((account) => ({
    ...messages,
    times: Infinity,
    fault: 'overloaded',
    account,
  })),
};

/** How long an outage lasts; everything else is over when it has hit somebody. */
const outageMs = 3000;

/** How often a stream is looked for that somebody may leave, and for how long. */
const lookEveryMs = 200;
const looks = 50;

/** Lets the happenings of the scenario happen, each at its time, until the signal. */
export const makeTrouble = async (options: TroubleOptions): Promise<void> => {
  const { random, signal, pause, elapsed, fail, leaveOne } = options;
  const undo = new Map<Happening['what'], (() => void)[]>();
  for (const { atMs, what, account } of happenings(random)) {
    await pause(Math.max(0, atMs - elapsed()));
    if (signal.aborted) return;
    // What has hit nobody since the last time must not come twice now.
    for (const clear of undo.get(what) ?? []) clear();
    undo.set(
      what,
      faultsOf[what].map((rule) => fail(account === undefined ? rule : { ...rule, account })),
    );
    if (what === 'outage') {
      await pause(outageMs);
      for (const clear of undo.get(what) ?? []) clear();
      undo.delete(what);
    }
    if (what !== 'leave') continue;
    for (let look = 0; look < looks && !signal.aborted && !leaveOne(); look += 1) await pause(lookEveryMs);
  }
};
