import { displayWidth } from '../../shared/display-width.ts';
import { countdown } from '../../shared/duration.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { AccountView, EpochMs, LimitWindow } from '../../shared/types.ts';
import { serves } from '../../store/selectors.ts';
import { percent } from '../widgets/gauge.ts';
import { countdownWidth } from './account-columns.ts';
import { isTight, limitingWindow, resetText, windowLabel } from './account-look.ts';

/** What a person can do about a reason, where there is something. */
const advice: readonly { reason: RegExp; words: string }[] = [
  { reason: /refused its key/, words: 'key refused (401): remove and re-add it' },
];

const reasonWords = (reason: string): string =>
  advice.find((each) => each.reason.test(reason))?.words ?? sanitize(reason);

/** Which windows are not on the row although little of them is left. */
const hiddenText = (hidden: readonly LimitWindow[], now: EpochMs): string =>
  hidden
    .filter((window) => isTight(window))
    .map(
      (window) =>
        `${windowLabel(window)} ${percent(window.utilization)}, resets in ${resetText(window, now)}`,
    )
    .join('; ');

/** Whether nothing is wrong and there is nothing to show: that is not worth a line of its own. */
export const saysLittle = ({ state, windows }: AccountView): boolean => serves(state) && windows.length === 0;

/**
 * What the row does not say: why the account does not serve, what to do about it and when it serves again, or that a
 * window without a column is nearly spent. Empty when the row says it all. `hidden` = the windows without a column.
 */
export const remarkOf = (account: AccountView, hidden: readonly LimitWindow[], now: EpochMs): string => {
  const { state, reason, availableAt, windows } = account;
  if (state === 'paused') return '';
  if (serves(state)) return windows.length === 0 ? 'no limits known' : hiddenText(hidden, now);
  const limiting = limitingWindow(account);
  // The state names the window, and its column says when it opens.
  if (limiting !== null && limiting.resetsAt === availableAt && !hidden.includes(limiting)) return '';
  const again = state === 'error' || state === 'needs-login' ? 'retry in' : 'back in';
  const back = availableAt === null ? '' : `${again} ${countdown(availableAt, now)}`;
  return [reason === null ? '' : reasonWords(reason), back].filter((part) => part !== '').join('; ');
};

/**
 * Columns that a remark may come to take while its countdown runs, so that it does not move between the row and the
 * line below.
 */
export const remarkRoom = (remark: string): number => {
  const [left] = /(?<= in )\S+$/.exec(remark) ?? [];
  return displayWidth(remark) + (left === undefined ? 0 : Math.max(0, countdownWidth - left.length));
};
