import { recall, rememberedOf, type Remembered } from '../balancer/remembered.ts';
import type { AccountRuntime } from '../balancer/account-state.ts';
import { isRecord } from '../shared/is-record.ts';
import type { AccountId, EpochMs } from '../shared/types.ts';
import { openLateFile, readLateFile } from './late-file.ts';

/** What is known of the limits of accounts, across restarts, and across deaths of this thread: a file of its own (mode 0600). */
export type LimitsFile = {
  /** How a process before this one has left the account; undefined when nothing is known of it. */
  recall(account: AccountId, now: EpochMs): AccountRuntime | undefined;
  /** Has the file say what is known now, before long. */
  changed(): void;
  /** Writes what is not written yet. Never rejects. */
  close(): Promise<void>;
};

/** Every answer tells something new. */
const everyMs = 2000;

export type Standings = () => Iterable<readonly [AccountId, AccountRuntime]>;

/** `path` null is for a process that has no home: nothing is known, and nothing is written. */
export const openLimitsFile = (path: string | null, standings: Standings): LimitsFile => {
  if (path === null)
    return { recall: () => undefined, changed: () => undefined, close: async () => undefined };
  const before = readLimits(path);
  const text = (): string => {
    const all: Record<string, Remembered> = {};
    for (const [account, runtime] of standings()) {
      if (runtime.windows.length + runtime.rests.length > 0) all[account] = rememberedOf(runtime);
    }
    return JSON.stringify(all);
  };
  return {
    ...openLateFile(path, text, everyMs),
    recall: (account, now) => (before.has(account) ? recall(before.get(account), now) : undefined),
  };
};

const readLimits = (path: string): ReadonlyMap<string, unknown> => {
  const value = readLateFile(path);
  return new Map(isRecord(value) ? Object.entries(value) : []);
};
