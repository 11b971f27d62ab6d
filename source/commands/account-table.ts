import { restrictionText } from '../shared/account-limits.ts';
import { countdown } from '../shared/duration.ts';
import { textTable, type TextColumn } from '../shared/text-table.ts';
import type { AccountView, EpochMs, LimitWindow } from '../shared/types.ts';
import { wholePercent } from '../shared/whole-percent.ts';
import { shortForecast } from '../store/outlook-words.ts';
import { isStale } from './account-json.ts';

const columns: readonly TextColumn[] = [
  { title: 'ACCOUNT', align: 'left' },
  { title: 'KIND', align: 'left' },
  { title: 'STATE', align: 'left' },
  { title: 'PRIORITY', align: 'right' },
  { title: 'REQUESTS', align: 'right' },
  { title: 'WINDOWS', align: 'left' },
  { title: 'NOTE', align: 'left' },
];

/** After its reset a window tells nothing until the server speaks of it again. */
const tells = ({ utilization, resetsAt }: LimitWindow): boolean => utilization !== null || resetsAt !== null;

const standing = (account: AccountView): string =>
  [account.preferred === true ? 'preferred' : '', restrictionText(account)]
    .filter((part) => part !== '')
    .join('; ');

const note = (account: AccountView, now: EpochMs): string => {
  const { reason, availableAt, paused } = account;
  if (reason === null) return standing(account);
  if (paused || availableAt === null) return reason;
  return `${reason}; back in ${countdown(availableAt, now)}`;
};

const windowText = (window: LimitWindow, { forecast = {} }: AccountView, now: EpochMs): string => {
  const share = window.utilization === null ? '—' : `${wholePercent(window.utilization)}%`;
  const mark = isStale(window, now) ? '?' : '';
  const scope = window.scope === null ? '' : `(${window.scope})`;
  const ahead = forecast[window.id];
  const word =
    ahead === undefined ? '' : ` ${ahead.emptyAt === null ? '' : 'empty '}${shortForecast(ahead, now)}`;
  return `${window.id}${scope} ${share}${mark} ${countdown(window.resetsAt, now)}${word}`;
};

/** The accounts as a table for a person; the title line alone for none. */
export const accountTable = (
  accounts: readonly AccountView[],
  now: EpochMs,
  width: number | undefined,
): string[] => {
  const rows = accounts.map((account) => [
    account.name,
    account.kind,
    account.state,
    String(account.priority),
    String(account.requests),
    account.windows
      .filter(tells)
      .map((window) => windowText(window, account, now))
      .join('  '),
    note(account, now),
  ]);
  return textTable(columns, rows, width);
};
