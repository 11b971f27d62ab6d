import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { syncFolder } from '../config/durable-file.ts';
import { errorShape, CcrError } from '../shared/errors.ts';
import { safeJson } from '../shared/sanitize.ts';
import { historyRow } from '../store/history-row.ts';
import type { PricedRequest } from '../store/state.ts';

const rowsAtATime = 500;

const writeRows = (descriptor: number, requests: Iterable<PricedRequest>): number => {
  let [count, text] = [0, ''];
  const flush = (): void => {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
    text = '';
  };
  for (const request of requests) {
    text += `${safeJson(historyRow(request))}\n`;
    count += 1;
    if (count % rowsAtATime === 0) flush();
  }
  flush();
  return count;
};

const writeAndSync = (descriptor: number, requests: Iterable<PricedRequest>): number => {
  try {
    const count = writeRows(descriptor, requests);
    fsyncSync(descriptor);
    return count;
  } finally {
    closeSync(descriptor);
  }
};

/**
 * Writes the requests to a new file that only its owner may read, as `history --json` prints them, and returns their
 * number when they are on disk for good. Throws `usage` when there is such a file, else `failed`; then no file is left.
 */
export const exportHistory = (path: string, requests: Iterable<PricedRequest>): number => {
  const file = resolve(path);
  let descriptor: number;
  try {
    descriptor = openSync(file, 'wx', 0o600);
  } catch (error) {
    if (Object(error).code === 'EEXIST') {
      throw new CcrError('usage', `--export: ${file} is there already`, { hint: 'name a new file' });
    }
    throw new CcrError('failed', `--export: ${errorShape(error).message}`, { cause: error });
  }
  try {
    const count = writeAndSync(descriptor, requests);
    syncFolder(dirname(file));
    return count;
  } catch (error) {
    rmSync(file, { force: true });
    if (error instanceof CcrError) throw error;
    throw new CcrError('failed', `--export: ${errorShape(error).message}; nothing was removed`, {
      cause: error,
    });
  }
};
