import { capPercent } from '../shared/account-limits.ts';
import { isExtra } from '../shared/limit-window.ts';
import { isLoginKind, type AccountRecord, type EpochMs, type LimitWindow } from '../shared/types.ts';
import { isSpent, latestReset } from './limits.ts';
import { applies } from './rests.ts';
import type { Block } from './window-block.ts';

// Paid overage: what an account serves beyond its plan, which costs its owner money. Its owner has switched it on where it is
// paid; here it comes after all that is paid already, and no further than its owner says.

/** What is known of an account's overage. */
type Paying = { windows: readonly LimitWindow[]; overage: boolean };
type Payer = { record: Pick<AccountRecord, 'kind'>; runtime: Paying };

/** Why overage must not be used, and when that ends; null where nobody knows. */
type Bar = { reason: string; until: EpochMs | null };

/** What its owner keeps overage from; null where it may serve on. A share that nobody has told of is not reached. */
const barOf = ({ overage, caps }: AccountRecord, { windows }: Paying, now: EpochMs): Bar | null => {
  const policy = overage ?? caps?.['overage'] ?? 'allow';
  if (policy === 'allow') return null;
  if (policy === 'forbid') return { reason: 'you forbid its paid overage', until: null };
  const month = windows.find(({ id, resetsAt }) => id === 'overage' && (resetsAt === null || resetsAt > now));
  if ((month?.utilization ?? 0) < policy) return null;
  return {
    reason: `reached your cap of ${capPercent(policy)}% of its paid overage`,
    until: month?.resetsAt ?? null,
  };
};

/** An account of a credit pool has no plan: all that it serves is paid for. */
const hasPlan = ({ windows }: Paying): boolean => windows.some((window) => !isExtra(window));

export type OverageRule = {
  /** Whether overage serves on beyond a window that is spent. */
  serves: boolean;
  /** What a spent window keeps from serving, told with what its owner has said of overage. */
  told(block: Block): Block;
  /** Of an account that has nothing but overage, and must not use it; null for all others. */
  alone: Block | null;
};

const unpaid: OverageRule = { serves: false, told: (block) => block, alone: null };
const paid: OverageRule = { ...unpaid, serves: true };

/** What the account's overage means for its choice now. */
export const overageRule = (record: AccountRecord, runtime: Paying, now: EpochMs): OverageRule => {
  if (!runtime.overage) return unpaid;
  const bar = barOf(record, runtime, now);
  if (bar === null) return paid;
  const until = bar.until ?? Number.POSITIVE_INFINITY;
  return {
    serves: false,
    told: (block) =>
      block.state === 'limited' && block.until !== null
        ? {
            ...block,
            state: 'capped',
            reason: `${block.reason}, and ${bar.reason}`,
            until: Math.min(block.until, until) as EpochMs,
          }
        : block,
    alone: hasPlan(runtime)
      ? null
      : { state: 'capped', reason: bar.reason, until: bar.until && latestReset(bar.until, now) },
  };
};

/** Whether a request for that model is paid for beyond the plan; model null asks about the account as a whole. */
export const isOnOverage = (runtime: Paying, model: string | null, now: EpochMs): boolean =>
  runtime.overage &&
  (!hasPlan(runtime) ||
    runtime.windows.some((window) => isSpent(window, now) && applies(window.scope, model)));

/** Those of the accounts that are free whose turn it is: one on overage waits behind every plan that has something left. */
export const plansFirst = <Each extends Payer>(
  free: readonly Each[],
  model: string | null,
  now: EpochMs,
): readonly Each[] => {
  // Hardly ever is one, and this is asked for every request.
  if (!free.some(({ runtime }) => runtime.overage)) return free;
  const others = free.filter(({ runtime }) => !isOnOverage(runtime, model, now));
  return others.some(({ record }) => isLoginKind(record.kind)) ? others : free;
};
