import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { systemCode } from '../shared/system-code.ts';

/** What came of reading a path. Each reader has its own words for what it does not take. */
export type FileReading =
  | { kind: 'file'; bytes: Buffer; stat: Stats }
  | { kind: 'missing' }
  /** `other`: a FIFO, a socket, a device. A link only where links are not followed. */
  | { kind: 'irregular'; is: 'folder' | 'link' | 'other' }
  | { kind: 'large'; size: number }
  /** The system did not let us open it, or failed while it was read. */
  | { kind: 'denied' | 'broken'; error: unknown };

export type ReadOptions = {
  maxBytes: number;
  /** Whether a symbolic link in the last place is followed. */
  follow: boolean;
};

// ELOOP is Linux and macOS, EMLINK is FreeBSD; ENXIO and EOPNOTSUPP come from a socket at the path.
const linkCodes = new Set(['ELOOP', 'EMLINK']);
const socketCodes = new Set(['ENXIO', 'EOPNOTSUPP']);

const whyClosed = (error: unknown, follow: boolean): FileReading => {
  const code = systemCode(error);
  if (code === 'ENOENT') return { kind: 'missing' };
  if (!follow && linkCodes.has(code)) return { kind: 'irregular', is: 'link' };
  if (socketCodes.has(code)) return { kind: 'irregular', is: 'other' };
  return { kind: 'denied', error };
};

/** All of it; null for more than `maxBytes`. `size` is a guess: a file may grow, and those of /proc tell none. */
const readWhole = (descriptor: number, size: number, maxBytes: number): Buffer | null => {
  let bytes = Buffer.alloc(Math.min(size, maxBytes) + 1);
  let length = 0;
  for (;;) {
    const count = readSync(descriptor, bytes, length, bytes.length - length, null);
    length += count;
    if (count === 0) return bytes.subarray(0, length);
    if (length > maxBytes) return null;
    if (length === bytes.length) bytes = Buffer.concat([bytes], 2 * length);
  }
};

/**
 * Reads a file that somebody else may have put there, or changes meanwhile: waits for no FIFO, and takes no more than
 * `maxBytes`. What is told of it (`stat`) is of the file that was read, whatever the path leads to by now. Never throws.
 */
export const readRegularFile = (path: string, { maxBytes, follow }: ReadOptions): FileReading => {
  let descriptor: number;
  try {
    // O_NONBLOCK: opening a FIFO that nobody writes to would hang for ever.
    const flags =
      constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (follow ? 0 : (constants.O_NOFOLLOW ?? 0));
    descriptor = openSync(path, flags);
  } catch (error) {
    return whyClosed(error, follow);
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return { kind: 'irregular', is: stat.isDirectory() ? 'folder' : 'other' };
    const bytes = stat.size > maxBytes ? null : readWhole(descriptor, stat.size, maxBytes);
    return bytes === null ? { kind: 'large', size: stat.size } : { kind: 'file', bytes, stat };
  } catch (error) {
    return { kind: 'broken', error };
  } finally {
    closeSync(descriptor);
  }
};
