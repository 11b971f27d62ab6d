import type { DatabaseSync } from 'node:sqlite';
import type { Counted } from '../store/figures.ts';
import { columnsIn } from './database.ts';
import { countedColumns, countedFrom } from './schema.ts';

/** A part of the history: from a time on, up to another one. Epoch ms. */
export type Span = { from: number; to: number };

// Some five milliseconds of work: other work gets in between two pages.
const pageRows = 1000;

/** The requests of that span, newest first, in pages. One statement for each page. */
export function* countedPages(database: DatabaseSync, { from, to }: Span): Generator<Counted[], void> {
  const statement = database.prepare(
    `select rowid, ${columnsIn(database, countedColumns)} from requests
     where at >= ? and (at, rowid) < (?, ?) order by at desc, rowid desc limit ?`,
  );
  let [at, rowid] = [to, Number.MIN_SAFE_INTEGER];
  for (;;) {
    const rows = statement.all(from, at, rowid, pageRows);
    if (rows.length > 0) yield rows.map(countedFrom);
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows) return;
    [at, rowid] = [Number(last['at']), Number(last['rowid'])];
  }
}
