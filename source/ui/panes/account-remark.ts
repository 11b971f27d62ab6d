import { restrictionText } from '../../shared/account-limits.ts';
import { displayWidth } from '../../shared/display-width.ts';
import { countdown, inTime } from '../../shared/duration.ts';
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
        `${windowLabel(window)} ${percent(window.utilization)}, resets ${inTime(resetText(window, now))}`,
    )
    .join('; ');

/** Whether nothing is wrong and there is nothing to show: that is not worth a line of its own. */
export const saysLittle = ({ state, windows, onOverage }: AccountView): boolean =>
  serves(state) && windows.length === 0 && onOverage !== true;

/** What of the account stays as it is for long: its plan, and what its owner keeps it from; empty for nothing. */
export const standingText = ({ onOverage: _told, ...account }: AccountView): string =>
  sanitize([account.plan ?? '', restrictionText(account)].filter((part) => part !== '').join('; '), 200);

/**
 * What the row does not say: why the account does not serve, what to do about it and when it serves again, that it
 * serves for money, or that a window without a column is nearly spent. Empty when the row says it all. `hidden` = the windows without a column.
 */
export const remarkOf = (account: AccountView, hidden: readonly LimitWindow[], now: EpochMs): string => {
  const { state, reason, availableAt, windows } = account;
  const overage = account.onOverage === true ? 'serves from paid overage' : '';
  if (state === 'paused') return '';
  if (serves(state)) {
    const limits = windows.length === 0 ? 'no limits known' : hiddenText(hidden, now);
    return [overage, limits].filter((part) => part !== '').join('; ');
  }
  const limiting = limitingWindow(account);
  // The state names the window, and its column says when it opens.
  if (limiting !== null && limiting.resetsAt === availableAt && !hidden.includes(limiting)) return '';
  const again = state === 'error' || state === 'needs-login' ? 'retry' : 'back';
  const back = availableAt === null ? '' : `${again} ${inTime(countdown(availableAt, now))}`;
  return [reason === null ? '' : reasonWords(reason), back].filter((part) => part !== '').join('; ');
};

/**
 * Columns that a remark may come to take while its countdown runs, so that it does not move between the row and the
 * line below.
 */
export const remarkRoom = (remark: string): number => {
  const [left] = /(?<= )in \S+$|(?<= (?:resets|retry|back) )now$/.exec(remark) ?? [];
  const longest = 'in '.length + countdownWidth;
  return displayWidth(remark) + (left === undefined ? 0 : Math.max(0, longest - left.length));
};
