import { countdown } from '../shared/duration.ts';
import { textTable, type TextColumn } from '../shared/text-table.ts';
import type { AccountView, EpochMs, LimitWindow } from '../shared/types.ts';
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

const windowText = (window: LimitWindow, now: EpochMs): string => {
  const share = window.utilization === null ? '—' : `${Math.round(window.utilization * 100)}%`;
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
    account.windows.map((window) => windowText(window, now)).join('  '),
    account.reason ?? '',
  ]);
  return width === undefined ? textTable([...columns], rows) : textTable([...columns], rows, width);
};
