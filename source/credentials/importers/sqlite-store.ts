import { statSync } from 'node:fs';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { loadSqlite } from '../../shared/sqlite.ts';
import { systemCode } from '../../shared/system-code.ts';
import { toolError } from './tool-error.ts';

/** How long a statement waits while the tool itself writes. */
const busyMs = 3000;

const sizeOf = (path: string): number | null => {
  try {
    const stat = statSync(path);
    return stat.isFile() ? stat.size : null;
  } catch {
    return null;
  }
};

const inWords = (path: string, what: string, error: unknown): Error => {
  const text = error instanceof Error ? error.message : systemCode(error);
  const isBusy = /locked|busy/i.test(text);
  return toolError(
    path,
    `${what} (${text})`,
    isBusy ? 'stop the tool, then try again' : 'check the file',
    error,
  );
};

/**
 * Opened so that nothing is written, not even the side files that SQLite makes for a log: where there is no log the file is
 * read as one that does not change; where there is one, it is part of what the tool has stored.
 */
const openToRead = (path: string): DatabaseSync => {
  const { DatabaseSync } = loadSqlite();
  if ((sizeOf(`${path}-wal`) ?? 0) > 0) return new DatabaseSync(path, { readOnly: true, timeout: busyMs });
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return new DatabaseSync(url, { readOnly: true });
};

/** The rows that a query finds in a database of SQLite. Throws `failed` with the reason; changes nothing. */
export const querySqlite = (
  path: string,
  sql: string,
  values: readonly SQLInputValue[] = [],
): Record<string, unknown>[] => {
  if (sizeOf(path) === null) throw toolError(path, 'is not there', 'give the right file with --path');
  let database: DatabaseSync | null = null;
  try {
    database = openToRead(path);
    return database.prepare(sql).all(...values);
  } catch (error) {
    throw inWords(path, 'cannot be read', error);
  } finally {
    database?.close();
  }
};

export type Statement = { sql: string; values: readonly SQLInputValue[] };

/**
 * Changes a database of SQLite so that what was overwritten is in no page and no log of it any more. Throws `failed` with
 * the reason; then nothing was changed, or the file still holds what was overwritten.
 */
export const overwriteInSqlite = (path: string, statements: readonly Statement[]): void => {
  if (sizeOf(path) === null) throw toolError(path, 'is not there', 'give the right file with --path');
  const { DatabaseSync } = loadSqlite();
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(path, { timeout: busyMs });
    database.exec('pragma secure_delete = on; begin immediate');
    for (const { sql, values } of statements) database.prepare(sql).run(...values);
    database.exec('commit; vacuum; pragma wal_checkpoint(truncate)');
  } catch (error) {
    throw inWords(path, 'cannot be changed', error);
  } finally {
    database?.close();
  }
};
