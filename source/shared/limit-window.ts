import type { EpochMs, LimitWindow } from './types.ts';

// What a quota window is, for whoever chooses by it, tells of it or draws it.

/** A limit per minute of an API key. It refills all the time: what is used of it at one moment is no news. */
export const isBucket = ({ id, status }: Pick<LimitWindow, 'id' | 'status'>): boolean =>
  status === null && /(?:^|-)(?:requests|tokens)$/.test(id);

/** What a status word means: nothing more is served, or it is only told. */
const statusWords: Readonly<Record<string, 'hard' | 'soft'>> = {
  allowed: 'soft',
  allowed_warning: 'soft',
  queueing_soft: 'soft',
  rejected: 'hard',
  rate_limited: 'hard',
  blocked: 'hard',
  queueing_hard: 'hard',
  payment_required: 'hard',
};

/** Whether the server says by that word that it serves no more; a word that nobody knows says nothing of the kind. */
export const isHardStatus = (status: string | null): boolean =>
  status !== null && Object.hasOwn(statusWords, status) && statusWords[status] === 'hard';

/** Whether the word tells of anything but room: a warning, a refusal, or what nobody knows yet. null, no word, does not. */
export const isTroubled = (status: string | null): boolean => status !== null && status !== 'allowed';

/** Whether it is known what the word means; null, no word, is. */
export const isKnownStatus = (status: string | null): boolean =>
  status === null || Object.hasOwn(statusWords, status);

/**
 * What is served beyond the plan: paid overage and the days of grace. Nobody is kept waiting by what is left of it, and it
 * lasts longer than a week.
 */
export const isExtra = ({ id }: Pick<LimitWindow, 'id'>): boolean =>
  // Asked for every window of every request: `o` and `g` are hardly ever its first letter.
  (id.startsWith('o') || id.startsWith('g')) && /^(?:overage|grace)(?:$|[-_])/.test(id);

/** Whether nothing is left, by the server's word or by its figure. */
export const isFull = ({ status, utilization }: Pick<LimitWindow, 'status' | 'utilization'>): boolean =>
  isHardStatus(status) || (utilization ?? 0) >= 1;

/** A reset that moves by less is the same one: servers round. */
const sameResetMs = 60_000;

/** Whether two times that were told of a reset mean the same one; null = none was told. */
export const isSameReset = (a: EpochMs | null, b: EpochMs | null): boolean =>
  Math.abs((a ?? 0) - (b ?? 0)) < sameResetMs;
