import { basename } from 'node:path';
import { CcrError, errorShape } from '../shared/errors.ts';

/** Why the history cannot be used now. `damaged`: the file itself is broken, and another one would do. */
export type Failure = { damaged: boolean; reason: string };

// Primary result codes of SQLite: https://sqlite.org/rescode.html
const bySqliteCode: Readonly<Record<number, string>> = {
  3: 'no permission to write it',
  5: 'another program has locked it',
  6: 'another program has locked it',
  8: 'it is read-only',
  10: 'the disk reports errors',
  13: 'the disk is full',
  14: 'it cannot be opened',
};
const damageCodes: ReadonlySet<number> = new Set([11, 26]);

const bySystemCode: Readonly<Record<string, string>> = {
  EACCES: 'no permission to write it',
  EPERM: 'no permission to write it',
  EROFS: 'it is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  EIO: 'the disk reports errors',
  EISDIR: 'it is a folder',
  ENOTDIR: 'its folder is not a folder',
};

/** Says in words what an error of the database or the file system means; what is not in the tables, in its own words. */
export const failureOf = (error: unknown): Failure => {
  const { errcode, code } = Object(error) as { errcode?: unknown; code?: unknown };
  const primary = typeof errcode === 'number' ? errcode % 256 : 0;
  if (damageCodes.has(primary)) return { damaged: true, reason: 'it is damaged' };
  const known = bySqliteCode[primary] ?? (typeof code === 'string' ? bySystemCode[code] : undefined);
  return { damaged: false, reason: known ?? errorShape(error).message };
};

/** The error of a command that cannot do something with the history: `what` says what (`read`, `changed`). */
export const historyError = (file: string, error: unknown, what: string): CcrError => {
  if (error instanceof CcrError) return error;
  const { reason, damaged } = failureOf(error);
  const hint = damaged
    ? 'the next start keeps it aside and begins a new one'
    : 'check the file and its folder';
  return new CcrError('history_unavailable', `${basename(file)} cannot be ${what}: ${reason}`, {
    hint,
    cause: error,
  });
};
