import { isExtra } from '../../shared/limit-window.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { AccountView, LimitWindow } from '../../shared/types.ts';
import { serves } from '../../store/selectors.ts';
import { line, numberCell } from '../line.ts';
import type { Theme } from '../theme.ts';
import { percent } from '../widgets/gauge.ts';
import { countdownWidth } from './account-columns.ts';
import { ahead, looks, resetText, windowLabel } from './account-look.ts';
import { markCell, rowsOf, type AccountPlace } from './account-row.ts';

/** Farther apart the name and its figures do not look like one line. */
const longestName = 24;
/** `7d 100%`; the longer names of other windows find no place here. */
const shareWidth = 7;

const named = (window: LimitWindow): string => {
  const share = percent(window.utilization);
  const text = `${windowLabel(window)} ${share}`;
  return text.length <= shareWidth ? text : share;
};

/** One of some models, and what comes on top of a plan, keep no other request from being served. */
const isSpecial = (window: LimitWindow): boolean => window.scope !== null || isExtra(window);

const tightestOf = (windows: readonly LimitWindow[]): LimitWindow | undefined =>
  windows.toSorted(
    (a, b) => Number(isSpecial(a)) - Number(isSpecial(b)) || (b.utilization ?? -1) - (a.utilization ?? -1),
  )[0];

/** Each account in one short line: the tightest of its windows, or the state of one that does not serve or has none. */
export const tinyAccountLines = (
  theme: Theme,
  accounts: readonly AccountView[],
  place: AccountPlace,
): string[] => {
  const { width, now } = place;
  return rowsOf(accounts, place).map((row) => {
    const { account, selected } = row;
    const { tone, short } = looks[account.state];
    const tightest = tightestOf(account.windows);
    const back = ahead(account.availableAt, now);
    const [text, left] =
      serves(account.state) && tightest !== undefined
        ? [named(tightest), resetText(tightest, now)]
        : [short, back];
    return line(
      theme,
      [
        markCell(theme, row),
        { text: sanitize(account.name, 60), width: Math.max(6, Math.min(width - 20, longestName)) },
        numberCell(text, shareWidth, serves(account.state) ? 'plain' : tone),
        numberCell(left, countdownWidth),
      ],
      width,
      selected,
    );
  });
};
