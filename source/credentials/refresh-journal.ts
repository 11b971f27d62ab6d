import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ensureFolder } from '../config/paths.ts';
import { readRegularFile } from '../config/regular-file.ts';
import { isRecord } from '../shared/is-record.ts';
import type { AccountId, EpochMs } from '../shared/types.ts';

/** Which refreshes are under way, on disk: after a crash it tells a login that may have been renewed from one that was not. */
export type RefreshJournal = {
  /**
   * Has been written, and would survive a crash, when it resolves; until then there is what was before, and so when it
   * rejects with what the system says. Only one at a time for an account.
   */
  begin(account: AccountId, fingerprint: string, startedAt: EpochMs): Promise<void>;
  /** Its end is known, and kept. Never rejects: an entry that stays is looked at again after the next start. */
  end(account: AccountId): Promise<void>;
  /** Fingerprint of the token with which a refresh began that has no end; null when there is none, '' when it cannot be read. */
  pending(account: AccountId): string | null;
};

const { O_WRONLY, O_CREAT, O_EXCL } = constants;

/** Of files that end with a crash; the lock of a refresh lies beside them. */
const suffix = '.json';

const withHandle = async (handle: FileHandle, work: (handle: FileHandle) => Promise<void>): Promise<void> => {
  try {
    await work(handle);
  } finally {
    await handle.close();
  }
};

/** The name of the new file survives a power cut. Windows has no such call and needs none. */
const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return;
  await withHandle(await open(folder, 'r'), (handle) => handle.sync());
};

/** At the end of what a killed writer of an entry has left beside it, and of no other file. */
const temporarySuffix = /\.tmp-[0-9a-f]{16}$/;

const removeLeftovers = async (file: string): Promise<void> => {
  const name = basename(file);
  for (const each of await readdir(dirname(file))) {
    if (each !== name && each.replace(temporarySuffix, '') === name)
      await rm(join(dirname(file), each), { force: true });
  }
};

/** Beside it first: whoever reads it, also after a crash, finds the old entry or the new one. */
const replace = async (file: string, text: string): Promise<void> => {
  const temporary = `${file}.tmp-${randomBytes(8).toString('hex')}`;
  // O_EXCL: a link that somebody puts there in this moment is not followed.
  const handle = await open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o600);
  try {
    await withHandle(handle, async (opened) => {
      await opened.writeFile(text);
      await opened.chmod(0o600);
      await opened.sync();
    });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
};

/** Keeps a file of mode 0600 for each in that folder; opens and makes nothing before the first. */
export const openRefreshJournal = (folder: string): RefreshJournal => {
  const fileOf = (account: AccountId): string => join(folder, `${account}${suffix}`);
  return {
    async begin(account, fingerprint, startedAt) {
      ensureFolder(folder);
      const file = fileOf(account);
      await removeLeftovers(file);
      await replace(file, JSON.stringify({ account, fingerprint, startedAt }));
      await syncFolder(folder);
    },
    async end(account) {
      await rm(fileOf(account), { force: true }).catch(() => undefined);
    },
    pending(account) {
      const found = readRegularFile(fileOf(account), { maxBytes: 4096, follow: false });
      if (found.kind === 'missing') return null;
      return found.kind === 'file' ? fingerprintIn(found.bytes.toString('utf8')) : '';
    },
  };
};

const fingerprintIn = (text: string): string => {
  try {
    const entry: unknown = JSON.parse(text);
    const fingerprint = isRecord(entry) ? entry['fingerprint'] : null;
    return typeof fingerprint === 'string' ? fingerprint : '';
  } catch {
    return '';
  }
};

/** Removes entries of accounts that are no more. Never rejects. */
export const pruneJournal = async (folder: string, accounts: ReadonlySet<string>): Promise<void> => {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const entry = name.replace(temporarySuffix, '');
    if (!entry.endsWith(suffix) || accounts.has(entry.slice(0, -suffix.length))) continue;
    await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
};
