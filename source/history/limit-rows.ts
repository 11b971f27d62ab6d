import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { asEpoch, type AccountId } from '../shared/types.ts';
import type { LimitSnapshot } from '../store/limit-news.ts';

/** Adds a snapshot; one that is there already (it was told again after a restart) is left as it is. */
export const insertLimit = `with told (at, account_id, "window", scope, utilization, resets_at, status, source)
  as (values (?, ?, ?, ?, ?, ?, ?, ?))
  insert into limit_snapshots (at, account_id, "window", scope, utilization, resets_at, status, source)
  select * from told where not exists (select 1 from limit_snapshots as known
    where known.account_id = told.account_id and known."window" = told."window"
      and known.scope = told.scope and known.at = told.at)`;

/** The parameters of `insertLimit`. */
export const toLimitRow = (limit: LimitSnapshot): SQLInputValue[] => [
  limit.at,
  limit.accountId,
  limit.window,
  limit.scope ?? '',
  limit.utilization,
  limit.resetsAt,
  limit.status,
  limit.source,
];

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);
/** A number that is no date would break every reader that shows one. */
const timeOrNull = (value: unknown): number | null =>
  typeof value === 'number' && Math.abs(value) <= 8.64e15 ? value : null;

/** What a row of the table holds; whatever a foreign hand put there can be read. */
export const fromLimitRow = (row: Readonly<Record<string, unknown>>): LimitSnapshot => {
  const resetsAt = timeOrNull(row['resets_at']);
  return {
    at: asEpoch(timeOrNull(row['at']) ?? 0),
    accountId: (textOrNull(row['account_id']) ?? '') as AccountId,
    window: textOrNull(row['window']) ?? '',
    scope: textOrNull(row['scope']) || null,
    utilization: numberOrNull(row['utilization']),
    resetsAt: resetsAt === null ? null : asEpoch(resetsAt),
    status: textOrNull(row['status']),
    source: row['source'] === 'usage' ? 'usage' : 'header',
  };
};

const hourMs = 3_600_000;
/** As long as this every snapshot is kept; of what is older, the last one of each hour. */
const wholeMs = 48 * hourMs;

/**
 * Takes one step of thinning: removes at most `most` snapshots that are over 48 hours old and followed by another one of
 * the same window within the same hour. Returns whether it found any.
 */
export const thinLimits = (database: DatabaseSync, now: number, most: number): boolean => {
  const { changes } = database
    .prepare(
      `delete from limit_snapshots where rowid in (select old.rowid from limit_snapshots old
         where old.at < ? and exists (select 1 from limit_snapshots later
           where later.account_id = old.account_id and later."window" = old."window" and later.scope = old.scope
             and later.at > old.at and later.at < (old.at / ${hourMs} + 1) * ${hourMs}) limit ?)`,
    )
    .run(now - wholeMs, most);
  return Number(changes) > 0;
};

/** The snapshots at or after that time, oldest first: of one account, or of all of them (null). */
export const readLimits = (
  database: DatabaseSync,
  since: number,
  account: AccountId | null = null,
): LimitSnapshot[] =>
  database
    .prepare(
      'select * from limit_snapshots where at >= ? and account_id = coalesce(?, account_id) order by at',
    )
    .all(since, account)
    .map(fromLimitRow);

/** The snapshots of the periods that are not over, oldest first; of very many the newest. */
export const readOpenLimits = (database: DatabaseSync, now: number, most: number): LimitSnapshot[] =>
  database
    .prepare('select * from limit_snapshots where resets_at > ? order by at desc, rowid desc limit ?')
    .all(now, most)
    .map(fromLimitRow)
    .reverse();
