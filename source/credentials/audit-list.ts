import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { AuditEntry } from '../shared/audit-entry.ts';
import { CcrError } from '../shared/errors.ts';
import { isRecord } from '../shared/is-record.ts';
import { maskTokens } from '../shared/mask-tokens.ts';
import { safeJson } from '../shared/sanitize.ts';
import { systemCode } from '../shared/system-code.ts';
import { asEpoch } from '../shared/types.ts';

/** So many are told at most, the newest of them. */
const entryLimit = 20;
/** So much is read of each file, from its end: some thousand records. */
const tailBytes = 256 * 1024;
/** The newest file, and the one that was put aside last. */
const files = ['', '.1'];
/** No record is longer; what is was not written by us. */
const longestLine = 16 * 1024;
const detailLimit = 400;
/** What has a place of its own, or is the account that was asked for. */
const placed: ReadonlySet<string> = new Set(['at', 'pid', 'via', 'event', 'account', 'accounts', 'id']);

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** The last lines of the file, oldest first, without the one that the cut went through; none of a file that is not there. */
const lastLines = async (file: string): Promise<string[]> => {
  const handle = await open(file, O_RDONLY | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0)).catch(
    (error: unknown) => {
      if (systemCode(error) === 'ENOENT') return null;
      throw error;
    },
  );
  if (handle === null) return [];
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new CcrError('failed', `${file} is not a regular file`);
    const start = Math.max(0, found.size - tailBytes);
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(Math.min(found.size, tailBytes)),
      0,
      null,
      start,
    );
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    return start > 0 ? lines.slice(1) : lines;
  } finally {
    await handle.close();
  }
};

const parsed = (line: string): Record<string, unknown> | null => {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : null;
  } catch {
    // A line that a crash has cut.
    return null;
  }
};

const isAbout = ({ event, account, accounts, to }: Record<string, unknown>, name: string): boolean =>
  account === name ||
  (event === 'account.renamed' && to === name) ||
  (Array.isArray(accounts) && accounts.includes(name));

const detailOf = (record: Record<string, unknown>): string =>
  Object.entries(record)
    .filter(([key]) => !placed.has(key))
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');

const entryOf = (record: Record<string, unknown>): AuditEntry | null => {
  const { at, event, via } = record;
  const time = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  if (!Number.isFinite(time) || typeof event !== 'string') return null;
  const short = (text: string): string => maskTokens(text).slice(0, detailLimit).toWellFormed();
  return {
    at: asEpoch(time),
    event: short(event),
    via: typeof via === 'string' ? short(via) : '',
    detail: short(detailOf(record)),
  };
};

/**
 * What is written down of an account, the newest twenty records of it, newest first; none where nothing is.
 * Goes back through its earlier names, and no further than to when it was added. Reads a bounded part of the files.
 * Rejects with a CcrError when they cannot be read.
 */
export const listAudit = async (file: string, account: string): Promise<AuditEntry[]> => {
  const entries: AuditEntry[] = [];
  let name = account;
  try {
    for (const suffix of files) {
      for (const line of (await lastLines(`${file}${suffix}`)).toReversed()) {
        // Most lines are about something else, and need not be parsed to see that.
        if (line.length > longestLine || !line.includes(safeJson(name))) continue;
        const record = parsed(line);
        if (record === null || !isAbout(record, name)) continue;
        const entry = entryOf(record);
        if (entry === null) continue;
        entries.push(entry);
        const { event, account: before } = record;
        if (event === 'account.renamed' && typeof before === 'string') name = before;
        if (event === 'account.added' || entries.length === entryLimit) return entries;
      }
    }
  } catch (error) {
    if (error instanceof CcrError) throw error;
    throw new CcrError('failed', `the audit log cannot be read (${systemCode(error)})`);
  }
  return entries;
};
