import {
  chmodSync,
  closeSync,
  existsSync,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { CcrError } from '../shared/errors.ts';
import { migrations, schemaVersion } from './migrations.ts';
import { loadSqlite } from '../shared/sqlite.ts';

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
 * Those of the columns of requests that the file has, for a `select`: one that no instance of this version has opened yet
 * lacks those of later steps.
 */
export const columnsIn = (database: DatabaseSync, wanted: readonly string[]): string => {
  const found = database.prepare("select name from pragma_table_info('requests')").all();
  const names = new Set(found.map(({ name }) => name));
  return wanted.filter((column) => names.has(column)).join(', ');
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
    // Before anything is written: a newer version's file stays as it is.
    const version = versionOf(database, file);
    // Before the journal is touched, too: an older version has to find what it left.
    if (version > 0 && version < schemaVersion) keepCopy(database, file, version);
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

/** A link must not make us write elsewhere, nor a FIFO wait for ever. */
const refuseOther = (path: string): void => {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isFile() || found.isDirectory()) return;
  throw new CcrError(
    'history_unavailable',
    `${found.isSymbolicLink() ? 'a symbolic link' : 'no regular file'} is in the place of ${basename(path)}`,
  );
};

/** Makes the file if there is none. SQLite gives its -wal and -shm the mode of the file itself. */
const closeToOthers = (file: string): void => {
  for (const path of [file, ...companions(file)]) refuseOther(path);
  const descriptor = openSync(file, 'a', 0o600);
  try {
    fchmodSync(descriptor, 0o600);
  } finally {
    closeSync(descriptor);
  }
  for (const path of companions(file)) if (existsSync(path)) chmodSync(path, 0o600);
};

const companions = (file: string): [wal: string, shm: string] => [`${file}-wal`, `${file}-shm`];

/** A version's history as it was before a newer one changed its tables. */
export const copyOf = (file: string, version: number): string => `${file}.version-${version}`;

/**
 * Keeps the history as it is beside it, whole or not at all: what a killed program left half done is begun anew, and a
 * copy of that version is only replaced by a whole one. Throws when there is no room for it.
 */
const keepCopy = (database: DatabaseSync, file: string, version: number): void => {
  const copy = copyOf(file, version);
  const part = `${copy}.part`;
  rmSync(part, { force: true });
  // SQLite fills an empty file, which nobody else may read from the beginning.
  closeSync(openSync(part, 'wx', 0o600));
  try {
    database.prepare('vacuum into ?').run(part);
    renameSync(part, copy);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
};

const dayMs = 86_400_000;
/** Long enough to notice that an older version is wanted back. */
const copyDays = 7;

/** Removes copies of earlier versions that are over a week old, or older than requests are kept. */
export const removeOldCopies = (file: string, now: number, retentionDays: number): void => {
  const days = Math.min(copyDays, retentionDays);
  for (let version = 1; version < schemaVersion; version += 1) {
    const found = lstatSync(copyOf(file, version), { throwIfNoEntry: false });
    if (found?.isFile() && now - found.mtimeMs > days * dayMs) rmSync(copyOf(file, version));
  }
};

const migrate = (database: DatabaseSync, version: number): void => {
  migrations.slice(version).forEach((step, index) => {
    database.exec(`begin immediate; ${step}; pragma user_version = ${version + index + 1}; commit`);
  });
};

/** The version of the tables in the file; 0 for one that was only just made. Refuses a newer one than this program knows. */
export const versionOf = (database: DatabaseSync, file: string): number => {
  const version = pragma(database, 'user_version');
  if (version <= schemaVersion) return version;
  throw new CcrError('history_unavailable', `${basename(file)} was written by a newer version`, {
    hint: 'update ccr-tui',
  });
};

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
