import { closeSync, openSync, readSync } from 'node:fs';

const pieceBytes = 1024 * 1024;

const holds = (path: string, wanted: readonly Buffer[]): boolean => {
  const longest = Math.max(...wanted.map(({ length }) => length));
  const buffer = Buffer.alloc(pieceBytes + longest);
  const descriptor = openSync(path, 'r');
  try {
    for (let kept = 0; ;) {
      const count = readSync(descriptor, buffer, kept, pieceBytes, null);
      if (count === 0) return false;
      const seen = buffer.subarray(0, kept + count);
      if (wanted.some((text) => seen.includes(text))) return true;
      // A text may lie across two pieces.
      kept = Math.min(longest, seen.length);
      seen.copy(buffer, 0, seen.length - kept);
    }
  } finally {
    buffer.fill(0);
    closeSync(descriptor);
  }
};

const sides = ['', '-wal', '-journal', '-shm'];

/** Those files of a store in which one of the texts still stands. One that is not there, or cannot be read, holds none. */
export const filesHolding = (path: string, texts: readonly string[]): string[] => {
  const wanted = texts.filter((text) => text !== '').map((text) => Buffer.from(text, 'utf8'));
  if (wanted.length === 0) return [];
  return sides
    .map((side) => `${path}${side}`)
    .filter((file) => {
      try {
        return holds(file, wanted);
      } catch {
        return false;
      }
    });
};
