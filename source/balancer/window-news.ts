import { isExtra, isFull, isHardStatus, isSameReset } from '../shared/limit-window.ts';
import { asEpoch, type EpochMs, type LimitWindow } from '../shared/types.ts';
import { maxKept } from './rests.ts';

// What was known of the windows of an account, and what was told of them since.

/**
 * The windows with what an answer tells of them. What it says of a time before the one that is known is left out: a lower
 * share of the same period, or a period that is over.
 */
export const withAnswered = (
  known: readonly LimitWindow[],
  told: readonly LimitWindow[],
): readonly LimitWindow[] => merged(known, told, isOlder);

/** The same for what was asked for: what an answer has told since then is fresher and stays. */
export const withAsked = (
  known: readonly LimitWindow[],
  told: readonly LimitWindow[],
): readonly LimitWindow[] => merged(known, told, (window, before) => before.seenAt > window.seenAt);

const merged = (
  known: readonly LimitWindow[],
  told: readonly LimitWindow[],
  isPast: (told: LimitWindow, known: LimitWindow) => boolean,
): readonly LimitWindow[] => {
  const windows = new Map(known.map((window) => [window.id, window]));
  for (const window of told) {
    const before = windows.get(window.id);
    if (before === undefined) windows.set(window.id, window);
    else if (!isPast(window, before))
      windows.set(window.id, { ...window, resetsAt: resetOf(window, before) });
  }
  const all = [...windows.values()];
  if (all.length <= maxKept) return all;
  // What was told last is kept: names that nobody tells of any more must not keep new ones out.
  return all.toSorted((a, b) => b.seenAt - a.seenAt).slice(0, maxKept);
};

/** Whether an answer tells of the period that is known. Windows may be shorter than a minute: once it is over the next one has begun. */
export const isSamePeriod = (
  { resetsAt, seenAt }: Pick<LimitWindow, 'resetsAt' | 'seenAt'>,
  known: Pick<LimitWindow, 'resetsAt'>,
): boolean => isSameReset(resetsAt, known.resetsAt) && (known.resetsAt ?? 0) > seenAt;

/** Only unified windows grow until their reset; classic ones refill all the time. A refusal is news in any case. */
const isOlder = (window: LimitWindow, known: LimitWindow): boolean => {
  const { status, resetsAt, seenAt, utilization } = window;
  if (status === null || isHardStatus(status) || resetsAt === null) return false;
  if (isSamePeriod(window, known)) {
    const endsLater = isFull(window) && resetsAt > (known.resetsAt ?? 0);
    return utilization !== null && utilization < (known.utilization ?? 0) && !endsLater;
  }
  return resetsAt <= seenAt && (known.resetsAt ?? 0) > seenAt;
};

/**
 * A reset that moves by less than a minute has not moved: servers round, and the usage endpoint is off by a second or two.
 * Of one that is waited for the later one counts, for it is not to be asked before that.
 */
const resetOf = (window: LimitWindow, known: LimitWindow): EpochMs | null => {
  // The usage endpoint does not tell when a month of overage ends; one that is over is not the one that it tells of.
  if (window.resetsAt === null)
    return isExtra(window) && (known.resetsAt ?? 0) > window.seenAt ? known.resetsAt : null;
  if (known.resetsAt === null || !isSamePeriod(window, known)) return window.resetsAt;
  return isFull(window) ? asEpoch(Math.max(window.resetsAt, known.resetsAt)) : known.resetsAt;
};
