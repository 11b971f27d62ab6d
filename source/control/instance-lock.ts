import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CcrError } from '../shared/errors.ts';
import { sanitize } from '../shared/sanitize.ts';
import { Secret } from '../shared/secret.ts';
import type { EpochMs } from '../shared/types.ts';
import {
  createPrivateFile,
  ensurePrivateFolder,
  readPrivateFile,
  replacePrivateFile,
} from './private-file.ts';
import { isListening } from './probe.ts';
import { isProcessAlive, processBirth } from './process-identity.ts';

/** What the lock file says of its holder. `socket` and `url` are null until it listens. */
type Holder = {
  pid: number;
  /** What proves to the control server that a client could read this file. Hex. */
  token: string;
  socket: string | null;
  url: string | null;
  version: string;
  /** ISO 8601. */
  startedAt: string;
  /** See processBirth; null where the system does not tell. */
  born: string | null;
};

/** A running instance as others find it. */
export type Instance = { pid: number; token: Secret; socket: string; url: string; version: string };

export type InstanceLock = {
  token: Secret;
  /** Makes the fields known to others. A CcrError('already_running') when the lock is no longer ours. */
  update(fields: { socket?: string; url?: string }): void;
  /** Removes the lock file if it still is ours. Synchronous, so that it may be the last thing a process does. */
  release(): void;
};

const text = (value: unknown, pattern: RegExp): string | null =>
  typeof value === 'string' && pattern.test(value) ? value : null;

/** The holder a lock file names, or null when the text is not a lock file of ours. */
const parseHolder = (content: string): Holder | null => {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const fields = value as Record<string, unknown>;
  const token = text(fields.token, /^[0-9a-f]{64}$/);
  const startedAt = text(fields.startedAt, /^\d{4}-\d\d-\d\dT[\d:.]{8,15}Z$/);
  const { pid } = fields;
  if (token === null || startedAt === null) return null;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return null;
  return {
    pid,
    token,
    socket: text(fields.socket, /^[^\0]{1,4096}$/),
    url: text(fields.url, /^https?:\/\/[\x21-\x7e]{1,300}$/),
    version: text(fields.version, /^[\x21-\x7e]{1,60}$/) ?? 'unknown',
    startedAt,
    born: text(fields.born, /^[\x21-\x7e]{1,100}$/),
  };
};

type Seen = {
  holder: Holder | null;
  /** Tells this lock from any other. */ mark: string;
  modifiedMs: number;
};

const look = (path: string): Seen | null => {
  const file = readPrivateFile(path);
  if (file === null) return null;
  const holder = parseHolder(file.text);
  const mark = createHash('sha256').update(holder?.token ?? file.text);
  return { holder, mark: mark.digest('hex').slice(0, 32), modifiedMs: file.modifiedMs };
};

/** The instance that holds the lock and listens; null when none does, or nobody can tell. Never throws. */
export const readInstance = (lockFile: string): Instance | null => {
  try {
    const holder = look(lockFile)?.holder;
    if (!holder || holder.socket === null || holder.url === null) return null;
    const { pid, socket, url, version } = holder;
    return { pid, token: new Secret(holder.token), socket, url, version };
  } catch {
    return null;
  }
};

/** How long a start may take before its control socket listens, where only the process number can be compared. */
const startMs = 30_000;
/** Whether a process holds the lock and does not listen yet. Throws when the file cannot be looked at. */
export const isStarting = (lockFile: string, now: number): boolean => {
  const holder = look(lockFile)?.holder;
  if (!holder || holder.socket !== null || !isProcessAlive(holder.pid)) return false;
  return Math.abs(now - Date.parse(holder.startedAt)) < startMs;
};

/** A file without our content this young may be one that is just being written (see createPrivateFile). */
const writingMs = 2000;
const giveUpMs = 5000;

type Judge = { now: number; isAlive: (pid: number) => boolean };

const isRunning = async (holder: Holder, { now, isAlive }: Judge): Promise<boolean> => {
  // First, because a process number means nothing to a holder in another container with the same home.
  if (holder.socket !== null && (await isListening(holder.socket))) return true;
  if (!isAlive(holder.pid)) return false;
  const born = processBirth(holder.pid);
  if (born !== null && holder.born !== null) return born === holder.born;
  return holder.socket === null && Math.abs(now - Date.parse(holder.startedAt)) < startMs;
};

const alreadyRunning = ({ pid, url }: Holder): CcrError =>
  url === null
    ? new CcrError('already_running', `already starting in another process (pid ${pid})`, {
        hint: 'wait for it, or stop that process',
      })
    : new CcrError('already_running', `already running (pid ${pid}, ${sanitize(url)})`, {
        hint: 'see `ccr-tui status`; `ccr-tui stop` ends it',
      });

/**
 * The right to replace one stale lock: an exclusive file named after that lock, so two starters cannot both have it,
 * and one that comes late cannot replace the lock of the winner. If the claimant died, whoever claims its claim
 * inherits. Returns the files to remove afterwards, or null while a living process has the right.
 */
const claim = (lockFile: string, stale: Seen, content: string, judge: Judge): string[] | null => {
  const files: string[] = [];
  let { mark } = stale;
  for (;;) {
    const file = `${lockFile}.${mark}.claim`;
    files.push(file);
    if (createPrivateFile(file, content)) return files;
    const other = look(file);
    if (other === null) return null;
    if (other.holder === null) {
      if (Math.abs(judge.now - other.modifiedMs) < writingMs) return null;
    } else if (judge.isAlive(other.holder.pid)) {
      const born = processBirth(other.holder.pid);
      // A claim lasts milliseconds; where births are unknown a living number is believed rather than raced.
      if (born === null || born === other.holder.born) return null;
    }
    mark = other.mark;
  }
};

/** Removes what starters that were killed left behind. Nothing younger than a minute: that may be in use. */
const sweep = (lockFile: string): void => {
  const prefix = `${basename(lockFile)}.`;
  for (const name of readdirSync(dirname(lockFile))) {
    if (!name.startsWith(prefix) || !/\.(tmp|claim)$/.test(name)) continue;
    const path = join(dirname(lockFile), name);
    const modified = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NaN;
    if (Date.now() - modified > 60_000) rmSync(path, { force: true });
  }
};

/** Tries once: true when the lock is ours, false to look again. Throws when another instance holds it. */
const attempt = async (lockFile: string, content: string, judge: Judge): Promise<boolean> => {
  const seen = look(lockFile);
  if (seen === null) return createPrivateFile(lockFile, content);
  if (seen.holder === null) {
    if (Math.abs(judge.now - seen.modifiedMs) < writingMs) return false;
  } else if (await isRunning(seen.holder, judge)) throw alreadyRunning(seen.holder);
  const claims = claim(lockFile, seen, content, judge);
  if (claims === null) return false;
  let replaced = false;
  try {
    // Only a claimant replaces a lock, but this one may have claimed a lock that was replaced while it judged.
    if (look(lockFile)?.mark !== seen.mark) return false;
    replacePrivateFile(lockFile, content);
    replaced = true;
    return true;
  } finally {
    // The claims of the dead must stay while their lock does: they keep late starters on this same path.
    for (const file of replaced ? claims : claims.slice(-1)) rmSync(file, { force: true });
  }
};

/**
 * Makes this process the one instance of the home that `lockFile` (0600) lies in, taking over the lock of one that
 * was killed. A CcrError: `already_running` when another lives, `failed` when something foreign is at the path,
 * `locked` when a start that never ends stands in the way.
 */
export const acquireInstanceLock = async (options: {
  lockFile: string;
  version: string;
  now: EpochMs;
  pid: number;
  isAlive?: (pid: number) => boolean;
}): Promise<InstanceLock> => {
  const { lockFile, version, now, pid, isAlive = isProcessAlive } = options;
  ensurePrivateFolder(dirname(lockFile));
  const token = randomBytes(32).toString('hex');
  let holder: Holder = {
    pid,
    token,
    socket: null,
    url: null,
    version,
    startedAt: new Date(now).toISOString(),
    born: processBirth(pid) || null,
  };
  const write = (): string => `${JSON.stringify(holder)}\n`;
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  while (!(await attempt(lockFile, write(), { now: now + elapsed(), isAlive }))) {
    if (elapsed() > giveUpMs) {
      throw new CcrError('locked', 'another start has not ended', {
        hint: `try again; if none is under way, remove ${lockFile}*`,
      });
    }
    await delay(5 + Math.random() * 20);
  }
  try {
    sweep(lockFile);
  } catch {
    // Litter is no reason not to start.
  }
  const isOurs = (): boolean => look(lockFile)?.holder?.token === token;
  return {
    token: new Secret(token),
    update(fields) {
      if (!isOurs()) {
        throw new CcrError('already_running', 'another process has taken over this home', {
          hint: 'see `ccr-tui status`',
        });
      }
      holder = { ...holder, ...fields };
      replacePrivateFile(lockFile, write());
    },
    release() {
      try {
        if (isOurs()) rmSync(lockFile, { force: true });
      } catch {
        // A lock file left behind is stale: the next start takes it over.
      }
    },
  };
};
