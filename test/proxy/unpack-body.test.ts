import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isPacked, unpackBody } from '../../source/proxy/unpack-body.ts';

const text = Array.from({ length: 20_000 }, (_, n) => `line ${n * 7919}\n`).join('');
const packers = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync };

describe.each(Object.entries(packers))('%s', (encoding, pack) => {
  it('is unpacked whole', async () => {
    const unpacked = await unpackBody(pack(text), encoding, 1_000_000);
    expect(unpacked && Buffer.from(unpacked.bytes).toString()).toBe(text);
    expect(unpacked?.isCut).toBe(false);
  });

  it('is unpacked as far as its beginning goes, and no further than the limit', async () => {
    const packed = pack(text);
    const begun = await unpackBody(packed.subarray(0, packed.length / 2), encoding, 1_000_000);
    expect(text.startsWith(Buffer.from(begun?.bytes ?? []).toString())).toBe(true);
    const limited = await unpackBody(packed, encoding, 100);
    expect(limited).toEqual({ bytes: Buffer.from(text.slice(0, 100)), isCut: true });
  });

  it('is refused when it is something else', async () => {
    expect(await unpackBody(Buffer.from('plain text, no archive at all'), encoding, 100)).toBeNull();
  });
});

it('a small body that would fill the memory is held at the limit', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const unpacked = await unpackBody(bomb, 'gzip', 1000);
  expect([unpacked?.bytes.length, unpacked?.isCut]).toEqual([1000, true]);
});

it('an encoding that nobody knows gives nothing', async () => {
  expect(await unpackBody(Buffer.from('x'), 'compress', 100)).toBeNull();
  expect(['', 'identity', 'gzip'].map(isPacked)).toEqual([false, false, true]);
});
