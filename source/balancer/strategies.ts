import { usedShare, type AccountRuntime } from './account-state.ts';
import type { AccountRecord, EpochMs } from '../shared/types.ts';

export type Candidate = { record: AccountRecord; runtime: AccountRuntime };

export type Strategy = {
  /** Whether a conversation stays on the account that served it last. */
  affinity: boolean;
  /** Below zero when `a` should be chosen before `b`. */
  compare(a: Candidate, b: Candidate, model: string | null, now: EpochMs): number;
};

/** The tightest window least used first; then the idler, then the one that rested longer. */
const leastUsed: Strategy['compare'] = (a, b, model, now) =>
  usedShare(a.runtime, model, now) - usedShare(b.runtime, model, now) ||
  a.runtime.inFlight - b.runtime.inFlight ||
  (a.runtime.lastUsedAt ?? 0) - (b.runtime.lastUsedAt ?? 0);

/** Every rule of choosing, by the name that `strategy` in the settings takes. */
export const strategies = {
  sticky: { affinity: true, compare: leastUsed },
  spread: { affinity: false, compare: leastUsed },
} as const satisfies Record<string, Strategy>;

export type StrategyName = keyof typeof strategies;
