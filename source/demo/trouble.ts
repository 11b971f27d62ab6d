import type { FaultRule } from './faults.ts';
import type { Random } from '../shared/seeded-random.ts';
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
  /** The owner of the account gives it a new token. */
  signIn(account: string): void;
  /** Makes a client hang up on a stream; false when none is open. */
  leaveOne(): boolean;
};

const messages = { path: '/v1/messages', times: 1 } as const;

/** What each happening does at the provider; nothing for the one that a client does. */
const faultsOf: Readonly<Record<Happening['what'], readonly FaultRule[]>> = {
  'sign-out': [{ ...messages, times: Infinity, fault: 'unauthorized' }],
  'sign-in': [],
  pace: [{ ...messages, fault: 'pace', retryAfter: 3 }],
  overload: [{ ...messages, fault: 'overloaded' }],
  cut: [{ ...messages, fault: 'no-message-stop', after: 6 }],
  leave: [],
  // Nobody is left who could serve: the other two are spent and signed out by then.
  drought: ['home', 'team-a', 'relay'].map((account) => ({ ...messages, fault: 'pace', account })),
  // Everything of one provider; the other one takes over.
  outage: ['work', 'home', 'lab', 'team-a'].map((account) => ({
    ...messages,
    times: Infinity,
    fault: 'overloaded',
    account,
  })),
};

/** How long some last, in ms; everything else is over when it has hit somebody. */
const lastsMs: Partial<Readonly<Record<Happening['what'], number>>> = { outage: 5000, drought: 8000 };

/** How often a stream is looked for that somebody may leave, and for how long. */
const lookEveryMs = 200;
const looks = 50;

/** Lets the happenings of the scenario happen, each at its time, until the signal. */
export const makeTrouble = async (options: TroubleOptions): Promise<void> => {
  const { random, signal, pause, elapsed, fail, signIn, leaveOne } = options;
  const undo = new Map<Happening['what'], (() => void)[]>();
  const end = (what: Happening['what']): void => {
    for (const clear of undo.get(what) ?? []) clear();
    undo.delete(what);
  };
  for (const happening of happenings(random)) {
    const { atMs, what, account } = happening;
    await pause(Math.max(0, atMs - elapsed()));
    if (signal.aborted) return;
    // What has hit nobody since the last time must not come twice now.
    end(what);
    const rules = faultsOf[what].map((rule) => fail(narrowed(rule, happening)));
    if (rules.length > 0) undo.set(what, rules);
    const lasts = lastsMs[what];
    if (lasts !== undefined) {
      await pause(lasts);
      end(what);
    }
    if (what === 'sign-in' && account !== undefined) {
      end('sign-out');
      signIn(account);
    }
    if (what !== 'leave') continue;
    for (let look = 0; look < looks && !signal.aborted && !leaveOne(); look += 1) await pause(lookEveryMs);
  }
};

/** The rule for that happening alone. */
const narrowed = (rule: FaultRule, { account, restS }: Happening): FaultRule => ({
  ...rule,
  ...(account === undefined ? {} : { account }),
  ...(restS === undefined ? {} : { retryAfter: restS }),
});
