import type { DatabaseSync } from 'node:sqlite';
import { costKinds } from '../shared/cost-kind.ts';
import { asEpoch, type AccountId, type EpochMs } from '../shared/types.ts';
import type { ServedTokens, SpentSum } from '../store/budgets.ts';
import type { LimitSnapshot } from '../store/limit-news.ts';
import { pragma } from './database.ts';
import { fromLimitRow } from './limit-rows.ts';
import { readSteps } from './read-steps.ts';

// What was spent before, for budgets that go on after a start. The database sums up: a month may have as many requests as
// find room, and reading each of them would keep whoever waits for a budget waiting for seconds.

/** Requests that ended at or after `from`, and before `before`. */
export type SpentSpan = { from: EpochMs; before: EpochMs };

/** What some requests came to, of which the first began then at the earliest, each group of them once. */
export type SpentPage = { begun: EpochMs; sums: readonly SpentSum[] };

/** One request that an account has served, and when it began and ended. */
export type ServedRequest = ServedTokens & { begun: EpochMs; ended: EpochMs };

/** Longer than any request takes: the index knows when one began, and it counts when it has ended. */
const longestMs = 2 * 3_600_000;
// Some milliseconds of work: other work gets in between two steps.
const stepRows = 2000;

/** All but what was read from a cache, as in the limits of the API itself. */
const tokens = ['input', 'output', 'cache_write_5m', 'cache_write_1h']
  .map((name) => `coalesce(${name}_tokens, 0)`)
  .join(' + ');

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const toSum = (row: Readonly<Record<string, unknown>>): SpentSum => ({
  account: textOrNull(row['account']),
  client: textOrNull(row['client']) ?? '',
  costKind: costKinds.find((kind) => kind === row['kind']) ?? null,
  usd: Number(row['usd']),
  tokens: Number(row['tokens']),
});

/** Sums up what began in that span of time, step by step. */
function* sumsIn(
  database: DatabaseSync,
  begun: { from: number; to: number },
  { from, before }: SpentSpan,
): Generator<SpentPage, void> {
  const next = database.prepare(
    'select at from requests where at >= ? and at < ? order by at limit 1 offset ?',
  );
  // The third step of the schema made the column: before it nobody knew whether it was money.
  const kind = pragma(database, 'user_version') < 3 ? 'null' : 'cost_kind';
  const sum = database.prepare(
    `select account, client, ${kind} as kind, total(cost_usd) as usd, total(${tokens}) as tokens from requests
     where at >= ? and at < ? and at + total_ms >= ? and at + total_ms < ? group by 1, 2, 3`,
  );
  for (let at = begun.from; at < begun.to;) {
    const found = next.get(at, begun.to, stepRows)?.['at'];
    const end = typeof found === 'number' ? Math.max(at + 1, found) : begun.to;
    const sums = sum.all(at, end, from, before).map(toSum);
    if (sums.length > 0) yield { begun: asEpoch(at), sums };
    at = end;
  }
}

function* sumsCut(
  database: DatabaseSync,
  span: SpentSpan,
  cuts: readonly EpochMs[],
): Generator<SpentPage, void> {
  const [first, last] = [span.from - longestMs, span.before];
  const inside = cuts.filter((cut) => cut > first && cut < last).toSorted((a, b) => a - b);
  const places = [first, ...inside, last];
  for (const [index, from] of places.entries()) {
    yield* sumsIn(database, { from, to: places[index + 1] ?? last }, span);
  }
}

/**
 * What requests of the span came to, in steps of some milliseconds, oldest first; nothing when there is no history yet. No
 * page has requests that began on both sides of one of the `cuts`. Costs are those that stand in the rows. Throws
 * `history_unavailable`.
 */
export const readSpent = (
  file: string,
  span: SpentSpan,
  cuts: readonly EpochMs[] = [],
): Generator<SpentPage, void> => readSteps(file, (database) => sumsCut(database, span, cuts), undefined);

function* servedIn(
  database: DatabaseSync,
  { from, before }: SpentSpan,
): Generator<readonly ServedRequest[], void> {
  const page = database.prepare(
    `select at, rowid, at + total_ms as ended, account_id, client, ${tokens} as tokens from requests
     where (at, rowid) > (?, ?) and at < ? and at + total_ms >= ? and at + total_ms < ? and account_id is not null
     order by at, rowid limit ?`,
  );
  let [at, rowid] = [from - longestMs, Number.MIN_SAFE_INTEGER];
  for (;;) {
    const rows = page.all(at, rowid, before, from, before, stepRows);
    yield rows.map((row) => ({
      begun: asEpoch(Number(row['at'])),
      ended: asEpoch(Number(row['ended'])),
      accountId: String(row['account_id']) as AccountId,
      client: textOrNull(row['client']) ?? '',
      tokens: Number(row['tokens']),
    }));
    const last = rows.at(-1);
    if (last === undefined || rows.length < stepRows) return;
    [at, rowid] = [Number(last['at']), Number(last['rowid'])];
  }
}

/**
 * The requests of the span that an account has served, by when they began: who asked for how many tokens. Otherwise as
 * `readSpent`.
 */
export const readServed = (file: string, span: SpentSpan): Generator<readonly ServedRequest[], void> =>
  readSteps(file, (database) => servedIn(database, span), undefined);

function* readingsIn(
  database: DatabaseSync,
  { from, before }: SpentSpan,
): Generator<readonly LimitSnapshot[], void> {
  // The second step of the schema makes their table.
  if (pragma(database, 'user_version') < 2) return;
  const page = database.prepare(
    `select rowid, * from limit_snapshots where (at, rowid) > (?, ?) and at < ? order by at, rowid limit ?`,
  );
  let [at, rowid] = [from - 1, Number.MAX_SAFE_INTEGER];
  for (;;) {
    const rows = page.all(at, rowid, before, stepRows);
    yield rows.map(fromLimitRow);
    const last = rows.at(-1);
    if (last === undefined || rows.length < stepRows) return;
    [at, rowid] = [Number(last['at']), Number(last['rowid'])];
  }
}

/** How windows were used in that span, in steps, oldest first. Otherwise as `readSpent`. */
export const readReadings = (file: string, span: SpentSpan): Generator<readonly LimitSnapshot[], void> =>
  readSteps(file, (database) => readingsIn(database, span), undefined);
