import type { AccountRecord, AccountStateName } from '../shared/types.ts';
import type { AccountRuntime } from './account-state.ts';
import type { Block } from './window-block.ts';

// How many requests an account may have under way at once, where its owner says so. That is no state of the account: it
// serves, and has no place free for one more.

/** What keeps a request from an account at one moment. */
export type Hindrance = Block<AccountStateName | 'full'>;

type Counted = {
  record: Pick<AccountRecord, 'concurrent'>;
  runtime: Pick<AccountRuntime, 'inFlight'>;
};

/** Whether it has as many requests under way as it may have; false without a limit. Pure. */
export const isFull = ({ record: { concurrent }, runtime: { inFlight } }: Counted): boolean =>
  concurrent !== undefined && inFlight >= concurrent;

/** null when a place is free. When the next one will be nobody knows. Pure. */
export const fullBlock = (account: Counted): Hindrance | null => {
  if (!isFull(account)) return null;
  const { record, runtime } = account;
  return {
    state: 'full',
    reason: `${runtime.inFlight} of ${record.concurrent ?? 0} requests in flight`,
    until: null,
  };
};
