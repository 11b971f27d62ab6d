import { isPossibleReset, parseAge } from '../shared/duration.ts';
import { isBucket, isFull, isSameReset } from '../shared/limit-window.ts';
import { localTime } from '../shared/local-time.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { AccountView, EpochMs, LimitWindow } from '../shared/types.ts';
import { wholePercent } from '../shared/whole-percent.ts';
import { nameOf, type Sentence } from './sentences.ts';
import type { Warned } from './state.ts';

/** Shares that are worth a warning, the higher first. */
const steps = [0.95, 0.8];
const stepOf = (share: number): number => steps.find((step) => share >= step) ?? 0;

/** A window without the models that it is for: those are named behind it. */
const baseName = ({ id, scope }: LimitWindow): string =>
  scope !== null && id.endsWith(`_${scope}`) ? id.slice(0, -scope.length - 1) : id;

const windowWarning = (account: AccountView, window: LimitWindow, at: EpochMs): Sentence => {
  const scope = window.scope === null ? '' : ` for ${sanitize(window.scope, 40)}`;
  const limit = `${sanitize(baseName(window), 40)} limit${scope}`;
  const reset = window.resetsAt === null ? '' : `, resets at ${localTime(window.resetsAt, at)}`;
  const text = `${nameOf(account)} is at ${wholePercent(window.utilization ?? 0)}% of its ${limit}${reset}`;
  return { kind: `warns ${window.id} ${window.scope ?? ''}`, level: 'warning', text, uncounted: true };
};

const impossibleReset = (account: AccountView, window: LimitWindow): Sentence => {
  const name = `${sanitize(window.id, 40)} window`;
  const text = `${nameOf(account)}: the server's reset of its ${name} is further away than the window is long; compare the clocks`;
  return { kind: `impossible ${window.id} ${window.scope ?? ''}`, level: 'warning', text };
};

/** What is remembered of this period of the window; null = nothing yet. */
const rememberedOf = (known: readonly Warned[], { id }: AccountView, window: LimitWindow): Warned | null => {
  const found = known.find(
    (each) => each.account === id && each.window === window.id && each.scope === window.scope,
  );
  return found !== undefined && isSameReset(found.resetsAt, window.resetsAt) ? found : null;
};

/** What this look at the window shows; null when it is nothing to warn of. */
const seenOf = (account: AccountView, window: LimitWindow, at: EpochMs): Warned | null => {
  const { id, scope, resetsAt } = window;
  const share = isBucket(window) ? 0 : stepOf(window.utilization ?? 0);
  const impossible = resetsAt !== null && !isPossibleReset(resetsAt, at, parseAge(id));
  if (share === 0 && !impossible) return null;
  return { account: account.id, window: id, scope, share, resetsAt, impossible };
};

const isNews = (old: Warned, seen: Warned): boolean =>
  seen.share > old.share || (seen.impossible && !old.impossible);

/** Both together: with time a share cannot fall, and what was impossible becomes possible by itself. */
const together = (old: Warned | null, seen: Warned | null): Warned | null => {
  if (old === null || seen === null) return old ?? seen;
  if (!isNews(old, seen)) return old;
  const share = Math.max(old.share, seen.share);
  return { ...seen, share, impossible: old.impossible || seen.impossible };
};

const nothing = { share: 0, impossible: false };

const sentencesOf = (
  account: AccountView,
  window: LimitWindow,
  old: Warned | null,
  warned: Warned,
  at: EpochMs,
): Sentence[] => {
  const before = old ?? nothing;
  const isFuller = warned.share > before.share && !isFull(window) && account.state !== 'limited';
  const isOdd = warned.impossible && !before.impossible;
  return [
    ...(isFuller ? [windowWarning(account, window, at)] : []),
    ...(isOdd ? [impossibleReset(account, window)] : []),
  ];
};

/**
 * Warnings of windows that have passed 80 or 95 % since they were last reset, or whose reset cannot be, each once, and
 * what is to be remembered of them. A window that is spent is the limit's own sentence.
 */
export const windowWarnings = (
  known: readonly Warned[],
  account: AccountView,
  at: EpochMs,
): { sentences: Sentence[]; warned: readonly Warned[] } => {
  const sentences: Sentence[] = [];
  const next: Warned[] = [];
  for (const window of account.windows) {
    const old = rememberedOf(known, account, window);
    const warned = together(old, seenOf(account, window, at));
    if (warned === null) continue;
    next.push(warned);
    sentences.push(...sentencesOf(account, window, old, warned, at));
  }
  const others = known.filter((each) => each.account !== account.id);
  const isSame = others.length + next.length === known.length && next.every((each) => known.includes(each));
  return { sentences, warned: isSame ? known : [...others, ...next] };
};
