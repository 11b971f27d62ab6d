import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removeLeftovers, syncFolder, writeDurably } from '../config/durable-file.ts';
import { ensureFolder, type Paths } from '../config/paths.ts';
import { readRegularFile } from '../config/regular-file.ts';
import { CcrError } from '../shared/errors.ts';
import { isRecord } from '../shared/is-record.ts';
import { systemCode } from '../shared/system-code.ts';
import type { Slots } from './client-edit.ts';

/** A state of the file that is ours: the hash of all its bytes, and of the value in each of our places. */
export type Written = { file: string; slots: Readonly<Record<string, string>> };

/** What was done to one file of another program, kept until it is undone. */
export type Receipt = {
  client: string;
  /** Without links in it: two ways to one file share one receipt. */
  path: string;
  /** The bytes before; null = there was no file. */
  original: Buffer | null;
  /** Folders that were made for the file, the outermost first. */
  createdFolders: readonly string[];
  /** The state that was written last; before it, while that write is under way, the one it replaces. */
  written: readonly Written[];
  /** Name of the client key that was made for it. */
  keyName: string;
};

export type Receipts = {
  /** Null when nothing was done to that file. A receipt that cannot be understood is a CcrError('failed'). */
  read(client: string, path: string): Receipt | null;
  /** Durable when it returns. */
  write(receipt: Receipt): void;
  remove(client: string, path: string): void;
  /** Part of the receipt's name, and of the names that are made for it. */
  idOf(path: string): string;
};

const version = 1;
/** The largest settings that are edited (4 MiB) make a third of it. */
const maxBytes = 16 * 1024 * 1024;

/** SHA-256 as hex. */
export const hashOf = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

/** The slots as a receipt keeps them: enough to know our values again, not to learn them. */
export const hashSlots = (slots: Slots): Record<string, string> =>
  Object.fromEntries([...slots].map(([name, value]) => [name, hashOf(value)]));

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

const parseWritten = (value: unknown): Written | null => {
  if (!isRecord(value) || typeof value.file !== 'string' || !isRecord(value.slots)) return null;
  const { file, slots } = value;
  const entries = Object.entries(slots).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return entries.length === Object.keys(slots).length ? { file, slots: Object.fromEntries(entries) } : null;
};

/** A receipt from its file; null for anything that we did not write. */
export const parseReceipt = (text: string): Receipt | null => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value) || value.version !== version) return null;
  const { client, path, original, createdFolders, written, keyName } = value;
  if (typeof client !== 'string' || typeof path !== 'string' || typeof keyName !== 'string') return null;
  if (original !== null && typeof original !== 'string') return null;
  if (!isStrings(createdFolders) || !Array.isArray(written) || written.length === 0) return null;
  const states = written.map(parseWritten).filter((state) => state !== null);
  if (states.length !== written.length) return null;
  const bytes = original === null ? null : Buffer.from(original, 'base64');
  return { client, path, original: bytes, createdFolders, written: states, keyName };
};

const textOf = ({ original, ...rest }: Receipt): string =>
  `${JSON.stringify({ version, ...rest, original: original?.toString('base64') ?? null }, null, 2)}\n`;

const damaged = (file: string, path: string, cause?: unknown): CcrError =>
  new CcrError('failed', `the receipt ${file} for ${path} cannot be read`, {
    hint: 'nothing was written; put it back from a backup, or move it away and mend the settings by hand',
    cause,
  });

/** The receipts in that folder: one file for each file that was changed, 0600 in a folder of 0700. */
export const openReceipts = ({ home, receipts: folder }: Pick<Paths, 'home' | 'receipts'>): Receipts => {
  const idOf = (path: string): string => hashOf(path).slice(0, 16);
  const fileOf = (client: string, path: string): string => join(folder, `${client}-${idOf(path)}.json`);
  return {
    idOf,
    read(client, path) {
      const file = fileOf(client, path);
      const found = readRegularFile(file, { maxBytes, follow: false });
      if (found.kind === 'missing') return null;
      if (found.kind !== 'file') throw damaged(file, path, 'error' in found ? found.error : undefined);
      const receipt = parseReceipt(found.bytes.toString('utf8'));
      if (receipt === null || receipt.path !== path || receipt.client !== client) throw damaged(file, path);
      return receipt;
    },
    write(receipt) {
      const file = fileOf(receipt.client, receipt.path);
      try {
        ensureFolder(home);
        ensureFolder(folder);
        removeLeftovers(file);
        writeDurably(file, Buffer.from(textOf(receipt)));
        syncFolder(home);
      } catch (error) {
        if (error instanceof CcrError) throw error;
        throw new CcrError('failed', `cannot write the receipt ${file} (${systemCode(error)})`, {
          hint: 'nothing was changed; check the disk',
          cause: error,
        });
      }
    },
    remove(client, path) {
      const file = fileOf(client, path);
      // Of a write that was killed; in it are the settings as they were.
      removeLeftovers(file);
      rmSync(file, { force: true });
      syncFolder(dirname(file));
    },
  };
};
