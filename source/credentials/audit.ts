import { constants } from 'node:fs';
import { open, rename, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createFileLock } from '../config/file-lock.ts';
import { ensureFolder } from '../config/paths.ts';
import type { AuditEvent, AuditVia } from '../shared/audit-event.ts';
import type { Clock } from '../shared/clock.ts';
import { CcrError } from '../shared/errors.ts';
import { maskTokens } from '../shared/mask-tokens.ts';
import { safeJson } from '../shared/sanitize.ts';
import { systemCode } from '../shared/system-code.ts';

/** The append-only record of who changed what. */
export type Audit = {
  /** Resolves when the record is in the file, or given up; never rejects. */
  record(event: AuditEvent, via?: AuditVia): Promise<void>;
};

export type AuditOptions = {
  file: string;
  /** Who asks, where a record does not say. */
  via: AuditVia;
  clock: Pick<Clock, 'now'>;
  /** Told once when records begin to be lost, and once when that ends; for a person. */
  onProblem(text: string): void;
  pid?: number;
  /** The file is put aside before it grows beyond this many bytes. */
  maxBytes?: number;
};

const standardMaxBytes = 1024 * 1024;
/** Older files beside the newest: `audit.log.1` … `audit.log.3`. */
const kept = 3;
/** Records that may wait for a disk which does not answer. */
const queueLimit = 1000;
const textLimit = 500;

const cut = (text: string): string =>
  text.length > textLimit ? `${text.slice(0, textLimit).toWellFormed()}…` : text;

/** Credentials have no business in any value here; should one come, its shape gives it away. */
const harmless = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? cut(maskTokens(value)) : value;

/** One record as one line: whatever a value holds, JSON has its line ends and control characters as escapes. */
export const auditLine = (at: number, pid: number, via: AuditVia, event: AuditEvent): string => {
  const clean: unknown = JSON.parse(JSON.stringify(event, harmless));
  return `${safeJson({ at: new Date(at).toISOString(), pid, via, ...(clean as object) })}\n`;
};

const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
// O_NOFOLLOW: a link put there must not make us write elsewhere. O_NONBLOCK: nor a FIFO make us wait.
const flags = O_RDWR | O_APPEND | O_CREAT | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0);

const refuse = (what: string): CcrError => new CcrError('failed', what);

/** Its size, when the file is one of ours; closed to others if it was not. */
const inspect = async (handle: FileHandle): Promise<number> => {
  const found = await handle.stat();
  if (!found.isFile()) throw refuse('is not a regular file');
  if (process.getuid !== undefined) {
    if (found.uid !== process.getuid()) throw refuse('belongs to another user');
    if ((found.mode & 0o777) !== 0o600) await handle.chmod(0o600);
  }
  return found.size;
};

/** Whether the last writer was cut off in the middle of a line. */
const isTorn = async (handle: FileHandle, size: number): Promise<boolean> => {
  if (size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== 0x0a;
};

/** Appends in one write, which the system puts behind what other processes write (POSIX, O_APPEND). */
const append = async (file: string, text: string): Promise<void> => {
  const handle = await open(file, flags, 0o600);
  try {
    const bytes = Buffer.from((await isTorn(handle, await inspect(handle))) ? `\n${text}` : text);
    const { bytesWritten } = await handle.write(bytes);
    if (bytesWritten < bytes.length) throw refuse('took only a part of a record');
    await handle.datasync();
  } finally {
    await handle.close();
  }
};

const sizeOf = async (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );

const shift = async (file: string): Promise<void> => {
  for (let number = kept - 1; number >= 1; number -= 1) {
    await rename(`${file}.${number}`, `${file}.${number + 1}`).catch(() => undefined);
  }
  await rename(file, `${file}.1`);
};

/** Appends to the file in 0600, makes it when missing, puts full ones aside. Opens nothing before the first record. */
export const openAudit = (options: AuditOptions): Audit => {
  const { file, via: standard, clock, onProblem, pid = process.pid, maxBytes = standardMaxBytes } = options;
  const lock = createFileLock(`${file}.lock`);
  let tail: Promise<void> = Promise.resolve();
  let waiting = 0;
  let lost = 0;

  /** Looks again under the lock: another process may have put the file aside meanwhile. */
  const makeRoom = async (length: number): Promise<void> => {
    const isFull = async (): Promise<boolean> => (await sizeOf(file)) + length > maxBytes;
    if (!(await isFull())) return;
    // A file that cannot be put aside grows: that is better than a record that is lost.
    await lock.run(async () => ((await isFull()) ? shift(file) : undefined)).catch(() => undefined);
  };

  const lose = (error: unknown): void => {
    lost += 1;
    if (lost > 1) return;
    const reason = error instanceof CcrError ? error.message : `cannot be written (${systemCode(error)})`;
    onProblem(`the audit log ${file} ${reason}; what is done meanwhile is not recorded`);
  };

  const write = async (line: string): Promise<void> => {
    const missing = lost;
    const event = { event: 'audit.resumed', lost: missing } as const;
    const text = missing > 0 ? auditLine(clock.now(), pid, 'instance', event) + line : line;
    try {
      ensureFolder(dirname(file));
      await makeRoom(Buffer.byteLength(text));
      await append(file, text);
    } catch (error) {
      return lose(error);
    }
    lost -= missing;
    if (missing > 0) onProblem(`the audit log ${file} is written again; ${missing} records are missing`);
  };

  return {
    record(event, via = standard) {
      const line = auditLine(clock.now(), pid, via, event);
      if (waiting >= queueLimit) {
        lose(refuse('does not answer'));
        return Promise.resolve();
      }
      waiting += 1;
      tail = tail
        .then(() => write(line))
        .finally(() => {
          waiting -= 1;
        });
      return tail;
    },
  };
};
