import { open, rename, rm } from 'node:fs/promises';
import { readRegularFile } from '../config/regular-file.ts';

/** A file that is written a little later than what it is about, beside everything else. */
export type LateFile = {
  /** Writes it before long. A disk that does not take it costs what would stand there, and nothing more. */
  changed(): void;
  /** Writes what is not written yet. Never rejects. */
  close(): Promise<void>;
};

/** Far more than any of them says. */
const maxBytes = 16 * 1024 * 1024;

/** What such a file says, as JSON; null when it says nothing. A link is not followed, a FIFO not waited for. Never throws. */
export const readLateFile = (path: string): unknown => {
  const found = readRegularFile(path, { maxBytes, follow: false });
  if (found.kind !== 'file') return null;
  try {
    return JSON.parse(found.bytes.toString('utf8'));
  } catch {
    return null;
  }
};

/** Mode 0600. `text` is asked for at each write: what the file has to say by then. Two writes are `everyMs` apart. */
export const openLateFile = (path: string, text: () => string, everyMs = 1000): LateFile => {
  let isWritten = true;
  let timer: NodeJS.Timeout | null = null;
  /** One after the other: two at once would share a temporary file. */
  let writing = Promise.resolve();

  const write = (): Promise<void> => {
    writing = writing.then(async () => {
      if (isWritten) return;
      isWritten = true;
      await replace(path, text()).catch(() => undefined);
    });
    return writing;
  };
  const writeSoon = (): NodeJS.Timeout =>
    setTimeout(() => {
      timer = null;
      void write();
    }, everyMs).unref();

  return {
    changed() {
      isWritten = false;
      timer ??= writeSoon();
    },
    close: write,
  };
};

/** The old content or the new one, also after a crash. */
const replace = async (path: string, text: string): Promise<void> => {
  const temporary = `${path}.tmp`;
  // What a killed process has left, or somebody has put there: neither a link is followed nor a FIFO waited for.
  await rm(temporary, { force: true });
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
};
