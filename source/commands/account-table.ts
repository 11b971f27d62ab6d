import { countdown } from '../shared/duration.ts';
import { textTable, type TextColumn } from '../shared/text-table.ts';
import type { AccountView, EpochMs, LimitWindow } from '../shared/types.ts';
import { wholePercent } from '../shared/whole-percent.ts';
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

const note = ({ reason, availableAt, paused }: AccountView, now: EpochMs): string => {
  if (reason === null || paused || availableAt === null) return reason ?? '';
  return `${reason}; back in ${countdown(availableAt, now)}`;
};

const windowText = (window: LimitWindow, now: EpochMs): string => {
  const share = window.utilization === null ? '—' : `${wholePercent(window.utilization)}%`;
  const mark = isStale(window, now) ? '?' : '';
  const scope = window.scope === null ? '' : `(${window.scope})`;
  return `${window.id}${scope} ${share}${mark} ${countdown(window.resetsAt, now)}`;
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
      .map((window) => windowText(window, now))
      .join('  '),
    note(account, now),
  ]);
  return textTable(columns, rows, width);
};
