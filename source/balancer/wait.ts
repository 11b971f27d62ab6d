import type { Choice } from './choose.ts';
import { longestPaceMs } from './hold-time.ts';
import type { EpochMs } from '../shared/types.ts';

/** Why a request had better wait than go where it could, or nowhere. */
export type Wait = {
  /**
   * `pace`: its account asked to slow down, and a conversation does not move for that; `full`: it has no place free, which
   * is no reason to move either; `limited`: all its accounts are.
   */
  why: 'pace' | 'full' | 'limited';
  /** When it can probably go on; null when nobody knows. */
  until: EpochMs | null;
};

/** What a request should wait for after this choice; null when it should not: nearly always. Pure. */
export const waitFor = (choice: Choice, now: EpochMs): Wait | null => {
  if (choice.kind === 'use' ? choice.isHomeFull : choice.isFull) return { why: 'full', until: null };
  const limited = choice.kind === 'none' && choice.why === 'all_limited';
  if (choice.kind === 'none' && !limited) return null;
  const { pacedUntil } = choice;
  if (pacedUntil !== null && pacedUntil - now <= longestPaceMs) return { why: 'pace', until: pacedUntil };
  return limited ? { why: 'limited', until: choice.availableAt } : null;
};
