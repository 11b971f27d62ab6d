import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CcrError } from './shared/errors.ts';
import { systemCode } from './shared/system-code.ts';

/** Nobody writes so many in one second. */
const mostOfOneName = 100;

/** `name.har`, `name-2.har`, … */
const numbered = (name: string, n: number): string =>
  n === 1 ? name : name.replace(/(?=\.[a-z]+$)|$/, `-${n}`);

/** Writes to a new file, or leaves none; null where there is a file already. */
const writeNew = async (path: string, content: string): Promise<string | null> => {
  // 'wx' follows no link that somebody has put there.
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    if (systemCode(error) === 'EEXIST') return null;
    throw error;
  });
  if (file === null) return null;
  try {
    await file.writeFile(content);
    return path;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
};

/**
 * Writes a new file into that folder, which is made where there is none, and resolves with its path. Only its owner can
 * read it, and it never takes the place of another one: a name that is taken gets a number. Rejects with `failed`.
 */
export const saveFile = async (folder: string, name: string, content: string): Promise<string> => {
  const plain = name.replaceAll(/[^a-zA-Z0-9._-]/g, '_').replace(/^\.+/, '_');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (let n = 1; n <= mostOfOneName; n += 1) {
      const path = await writeNew(join(folder, numbered(plain, n)), content);
      if (path !== null) return path;
    }
  } catch (error) {
    const code = systemCode(error);
    throw new CcrError('failed', `no file could be written into ${folder} (${code})`, { cause: error });
  }
  throw new CcrError('failed', `${folder} has too many files named ${plain}`);
};
