import { reliefOf } from '../balancer/relief.ts';
import { AccountPool, type PoolOptions } from './account-pool.ts';
import type { EventBatcher } from './event-batcher.ts';
import { Holds, type HoldOptions } from './hold.ts';
import { Pauses } from './pause.ts';
import { atMost, longestEndMs } from '../shared/at-most.ts';
import { openLimitsFile, type LimitsFile } from './limits-file.ts';

export type OpenPoolOptions = Pick<PoolOptions, 'keeper'> & {
  /** The file that remembers limits; left out = there is none. */
  limitsFile?: string | null;
};

/** The accounts, none yet, with what a process before this one has learned of their limits; and who waits for one of them. */
export const openPool = (
  { keeper, limitsFile = null }: OpenPoolOptions,
  {
    batcher,
    emit,
    ...parts
  }: Pick<PoolOptions, 'logins' | 'clock'> &
    Pick<HoldOptions, 'emit'> & { batcher: Pick<EventBatcher, 'accountDirty'> },
): { pool: AccountPool; pauses: Pauses; holds: Holds; limits: Pick<LimitsFile, 'close'> } => {
  const limits = openLimitsFile(limitsFile, () =>
    pool.candidates().map(({ record, runtime }) => [record.id, runtime] as const),
  );
  const pauses = new Pauses(parts.clock);
  const holds = new Holds({ clock: parts.clock, emit });
  const onDirty: PoolOptions['onDirty'] = (account, before) => {
    batcher.accountDirty(account.record.id);
    const relief = reliefOf(account, before, parts.clock.now());
    if (relief === null) return;
    // One request fewer is what a ramp waits for, and nobody else.
    if (relief === 'state' || account.runtime.ramp !== null) pauses.changed();
    if (relief === 'state') holds.changed();
    if (relief === 'place') holds.placeFree(account);
  };
  const { recall, changed: onLearned } = limits;
  const pool = new AccountPool({ ...parts, keeper, onDirty, recall, onLearned });
  const close = (): Promise<void> => atMost(limits.close(), longestEndMs);
  return { pool, pauses, holds, limits: { close } };
};
