import { localTime } from '../shared/local-time.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { AccountView, EpochMs, LimitWindow } from '../shared/types.ts';
import { nameOf, type Sentence } from './sentences.ts';
import type { Warned } from './state.ts';

/** Buckets refill all the time: what is used of them at one moment is no news. */
const isBucket = ({ id, status }: LimitWindow): boolean =>
  status === null && /(?:^|-)(?:requests|tokens)$/.test(id);

/** Shares that are worth a warning, the higher first. */
const steps = [0.95, 0.8];
const stepOf = (share: number): number => steps.find((step) => share >= step) ?? 0;

const percentOf = (share: number): number => Math.floor(share * 100 + 1e-9);

const windowWarning = (account: AccountView, window: LimitWindow, at: EpochMs): Sentence => {
  const scope = window.scope === null ? '' : ` for ${sanitize(window.scope, 40)}`;
  const limit = `${sanitize(window.id, 40)} limit${scope}`;
  const reset = window.resetsAt === null ? '' : `, reset at ${localTime(window.resetsAt, at)}`;
  const text = `${nameOf(account)} is at ${percentOf(window.utilization ?? 0)}% of its ${limit}${reset}`;
  return { kind: `warns ${window.id} ${window.scope ?? ''}`, level: 'warning', text };
};

/** A reset that moves by less is the same one: servers round. */
const sameResetMs = 60_000;

/** What is remembered of a window before and after this look at it; null = nothing. */
const remembered = (known: readonly Warned[], account: AccountView, window: LimitWindow) => {
  const found = known.find(
    (each) => each.account === account.id && each.window === window.id && each.scope === window.scope,
  );
  const isSamePeriod = Math.abs((found?.resetsAt ?? 0) - (window.resetsAt ?? 0)) < sameResetMs;
  const old = isSamePeriod ? (found ?? null) : null;
  const share = isBucket(window) ? 0 : stepOf(window.utilization ?? 0);
  if (share <= (old?.share ?? 0)) return { old, warned: old };
  const { id, scope, resetsAt } = window;
  return { old, warned: { account: account.id, window: id, scope, share, resetsAt } };
};

/**
 * Warnings of windows that have passed 80 or 95 % since they were last reset, each once, and what is to be remembered
 * of them. A window that is spent is the limit's own sentence.
 */
export const windowWarnings = (
  known: readonly Warned[],
  account: AccountView,
  at: EpochMs,
): { sentences: Sentence[]; warned: readonly Warned[] } => {
  const sentences: Sentence[] = [];
  const next: Warned[] = [];
  for (const window of account.windows) {
    const { old, warned } = remembered(known, account, window);
    if (warned === null) continue;
    next.push(warned);
    const isSpent = window.status === 'rejected' || (window.utilization ?? 0) >= 1;
    if (warned !== old && !isSpent && account.state !== 'limited')
      sentences.push(windowWarning(account, window, at));
  }
  const others = known.filter((each) => each.account !== account.id);
  const isSame = others.length + next.length === known.length && next.every((each) => known.includes(each));
  return { sentences, warned: isSame ? known : [...others, ...next] };
};
