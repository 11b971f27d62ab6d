import type { Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib';

/** What came of a body that is no longer compressed. */
export type Unpacked = {
  bytes: Uint8Array;
  /** There would be more. */
  isCut: boolean;
};

// The beginning of a body is decoded as far as it goes.
const asFarAsItGoes = { finishFlush: constants.Z_SYNC_FLUSH };
const decoders = new Map<string, () => Transform>([
  ['gzip', () => createGunzip(asFarAsItGoes)],
  ['x-gzip', () => createGunzip(asFarAsItGoes)],
  ['deflate', () => createInflate(asFarAsItGoes)],
  ['br', () => createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH })],
  ['zstd', () => createZstdDecompress({ finishFlush: constants.ZSTD_e_flush })],
]);

/** Whether bodies of that encoding have to be unpacked. */
export const isPacked = (encoding: string): boolean => encoding !== '' && encoding !== 'identity';

/**
 * The first bytes of what is compressed in the given ones, at most `limit`. The work is done in other threads. Resolves with
 * null for what is no such thing, or of an encoding that nobody knows.
 */
export const unpackBody = (packed: Uint8Array, encoding: string, limit: number): Promise<Unpacked | null> => {
  const decoder = decoders.get(encoding)?.();
  if (decoder === undefined) return Promise.resolve(null);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let isBroken = false;
    const end = (): void => {
      const bytes = Buffer.concat(chunks).subarray(0, limit);
      resolve(isBroken && length === 0 ? null : { bytes, isCut: length > limit || isBroken });
    };
    decoder.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limit) decoder.destroy();
    });
    decoder.on('error', () => {
      isBroken = true;
    });
    decoder.once('close', end);
    decoder.end(packed);
  });
};
