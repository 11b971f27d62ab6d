import { chmodSync, closeSync, existsSync, fchmodSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { CcrError } from '../shared/errors.ts';
import { migrations, schemaVersion } from './schema.ts';
import { loadSqlite } from './sqlite.ts';

/** How long a statement waits for another program's lock. */
const busyMs = 1000;
const pageBytes = 4096;

/** How large the write-ahead log may stay: a sixteenth of the whole history, within 256 KiB and 4 MiB. */
export const walBytes = (maxBytes: number): number =>
  Math.min(4 * 1024 * 1024, Math.max(256 * 1024, Math.floor(maxBytes / 16)));

/** One number out of a `pragma`. */
export const pragma = (database: DatabaseSync, name: string): number => {
  const row = database.prepare(`pragma ${name}`).get() ?? {};
  return Number(Object.values(row)[0] ?? 0);
};

/**
 * Opens the history for writing, made or brought up to date when needed, readable by nobody else.
 * Throws the error of SQLite or the file system; `history_unavailable` for a file of a newer version.
 */
export const openDatabase = (file: string, maxBytes: number): DatabaseSync => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeToOthers(file);
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(file, { timeout: busyMs });
  try {
    const version = pragma(database, 'user_version');
    // Before anything is written: a newer version's file stays as it is.
    if (version > schemaVersion) throw newerVersion(basename(file));
    // Only takes effect before the first table is made.
    if (version === 0) database.exec('pragma auto_vacuum = incremental');
    database.exec('pragma journal_mode = wal; pragma synchronous = normal');
    database.exec(`pragma journal_size_limit = ${walBytes(maxBytes)}`);
    database.exec(`pragma wal_autocheckpoint = ${Math.floor(walBytes(maxBytes) / pageBytes)}`);
    migrate(database, version);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};

/** Makes the file if there is none. SQLite gives its -wal and -shm the mode of the file itself. */
const closeToOthers = (file: string): void => {
  const descriptor = openSync(file, 'a', 0o600);
  try {
    fchmodSync(descriptor, 0o600);
  } finally {
    closeSync(descriptor);
  }
  for (const path of companions(file)) if (existsSync(path)) chmodSync(path, 0o600);
};

const companions = (file: string): [wal: string, shm: string] => [`${file}-wal`, `${file}-shm`];

const migrate = (database: DatabaseSync, version: number): void => {
  migrations.slice(version).forEach((step, index) => {
    database.exec(`begin immediate; ${step}; pragma user_version = ${version + index + 1}; commit`);
  });
};

export const newerVersion = (name: string): CcrError =>
  new CcrError('history_unavailable', `${name} was written by a newer version`, { hint: 'update ccr-tui' });

/** Renames a damaged history out of the way, for a later rescue. Returns its new path. */
export const moveAside = (file: string, now: Date): string => {
  const broken = `${file}.broken-${now.toISOString().replaceAll(':', '')}`;
  const [wal, shm] = companions(file);
  // The file itself last: a log left beside a new file would be played into that one.
  for (const [from, to] of [
    [wal, `${broken}-wal`],
    [shm, `${broken}-shm`],
    [file, broken],
  ] as const) {
    if (existsSync(from)) renameSync(from, to);
  }
  return broken;
};
