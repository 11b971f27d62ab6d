import { isUtf8 } from 'node:buffer';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { removeLeftovers, writeDurably, type FileTraits } from '../config/durable-file.ts';
import { readRegularFile } from '../config/regular-file.ts';
import { CcrError } from '../shared/errors.ts';
import { systemCode } from '../shared/system-code.ts';
import type { RawDocument } from './raw-document.ts';

// Claude Code keeps some kilobytes there.
const maxBytes = 4 * 1024 * 1024;

const unavailable = (path: string, what: string, hint: string, cause?: unknown): CcrError =>
  new CcrError('store_unavailable', `${path} ${what}`, { hint, cause });

/** Bytes that spell no text could not be put back as they were. */
const textOf = (path: string, bytes: Buffer): string => {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw unavailable(path, 'is not UTF-8', 'sign in with Claude Code again');
};

type Found = { text: string; traits: FileTraits };

const find = (path: string): Found | null => {
  const found = readRegularFile(path, { maxBytes, follow: true });
  switch (found.kind) {
    case 'missing':
      return null;
    case 'irregular':
      throw unavailable(
        path,
        found.is === 'folder' ? 'is a folder' : 'is not a regular file',
        'move it away',
      );
    case 'large':
      throw unavailable(path, 'is too large to be a credentials file', 'look at what is in it');
    case 'denied':
    case 'broken': {
      const what = `cannot be read (${systemCode(found.error)})`;
      throw unavailable(path, what, 'check who may read it', found.error);
    }
    case 'file': {
      const { mode, uid, gid } = found.stat;
      return { text: textOf(path, found.bytes), traits: { mode: mode & 0o7777, uid, gid } };
    }
  }
};

/** The credentials file of the Claude Code whose settings lie in that folder. */
export const credentialsFile = (folder: string): string => join(folder, '.credentials.json');

/**
 * That file as a document. It is replaced in one step, synced, with its mode and owner; where it is a symbolic link, what
 * the link leads to is replaced. A missing one is never made: its owner has signed out.
 */
export const claudeCodeFile = (folder: string): RawDocument => {
  const path = credentialsFile(folder);
  return {
    name: path,
    read: async () => find(path)?.text ?? null,
    replace: async (before, after) => {
      try {
        const target = realpathSync(path);
        removeLeftovers(target);
        const now = find(target);
        if (now === null || now.text !== before) return false;
        writeDurably(target, Buffer.from(after, 'utf8'), now.traits);
        return true;
      } catch (error) {
        if (error instanceof CcrError) throw error;
        if (systemCode(error) === 'ENOENT') return false;
        const what = `cannot be written (${systemCode(error)})`;
        throw unavailable(path, what, 'it is as it was; check the disk and who may write there', error);
      }
    },
  };
};
