import type { AccountRecord, AccountStateName, EpochMs, LimitWindow } from '../shared/types.ts';
import { capPercent } from '../shared/account-limits.ts';
import { isExtra } from '../shared/limit-window.ts';
import { isSpent } from './limits.ts';

/** Why an account cannot take a request now. */
export type Block<State extends string = AccountStateName> = {
  state: State;
  reason: string;
  until: EpochMs | null;
  /** The owner's budget is spent; left out for whatever else it is. */
  budget?: true;
  /** Where that is known from, and since when; left out where it is no word of the server. */
  told?: { source: LimitWindow['source']; at: EpochMs };
};

/**
 * What one window keeps from serving until its reset: it is spent, or as much of it is used as the account's owner allows.
 * null when it is neither. Paid overage serves on beyond a spent window, but never beyond a cap.
 */
export const windowBlock = (
  window: LimitWindow,
  { caps }: Pick<AccountRecord, 'caps'>,
  overage: boolean,
  now: EpochMs,
): Block | null => {
  const { id, utilization, resetsAt } = window;
  const told = { source: window.source, at: window.seenAt };
  if (!overage && isSpent(window, now)) {
    return { state: 'limited', reason: `reached its ${id} limit`, until: resetsAt, told };
  }
  // Without a reset ahead it would never be asked again, and nobody would learn that the window is open.
  if (caps === undefined || utilization === null || resetsAt === null || resetsAt <= now) return null;
  const cap = Object.hasOwn(caps, id) ? caps[id] : undefined;
  if (cap === undefined || utilization < cap || isExtra(window)) return null;
  return {
    state: 'capped',
    reason: `reached your cap of ${capPercent(cap)}% of its ${id} limit`,
    until: resetsAt,
    told,
  };
};

/** The one that ends later; of two that end together the one that tells where that is known from. */
export const laterOf = (known: Block | null, next: Block): Block => {
  if (known === null) return next;
  const later = (next.until ?? 0) - (known.until ?? 0);
  const isTold = known.told === undefined && next.told !== undefined && next.state === known.state;
  return later > 0 || (later === 0 && isTold) ? next : known;
};
