import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pieces } from '../../source/proxy/pieces.ts';
import { numRuns } from '../kit/long-run.ts';

const gather = (pieces: readonly Buffer[]): Buffer[] => {
  const gathered = new Pieces();
  for (const piece of pieces) gathered.add(piece);
  return gathered.chunks;
};

/** Most buffers that hold so many bytes: the first as they came, then none but the last below a quarter of a page. */
const mostBuffers = (bytes: number): number => 16 + Math.ceil(bytes / 4096) + 1;

describe('bytes in pieces', () => {
  test('few pieces stay the buffers that came', () => {
    const pieces = ['a', 'bc', 'd'.repeat(9000)].map((text) => Buffer.from(text));
    const chunks = gather(pieces);
    expect(chunks).toHaveLength(3);
    for (const [at, chunk] of chunks.entries()) expect(chunk).toBe(pieces[at]);
  });

  test('a megabyte byte by byte is less than a hundred buffers', () => {
    const bytes = Buffer.alloc(1_048_576, 'abcdefghijklm');
    const chunks = gather(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)));
    expect(Buffer.concat(chunks)).toEqual(bytes);
    expect(chunks.length).toBeLessThan(100);
  });

  test('pieces of any size are the same bytes in the same order, in few buffers and at every moment', () => {
    const size = fc.oneof(
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 4090, max: 4100 }),
      fc.integer({ min: 16_380, max: 16_390 }),
      fc.nat({ max: 70_000 }),
    );
    fc.assert(
      fc.property(fc.array(size, { maxLength: 60 }), (sizes) => {
        const all = Buffer.alloc(
          sizes.reduce((sum, one) => sum + one, 0),
          'the quick brown fox',
        );
        const gathered = new Pieces();
        let at = 0;
        for (const one of sizes) {
          gathered.add(all.subarray(at, at + one));
          at += one;
          expect(gathered.chunks.reduce((sum, { length }) => sum + length, 0)).toBe(at);
        }
        expect(Buffer.compare(Buffer.concat(gathered.chunks), all)).toBe(0);
        expect(gathered.chunks.length).toBeLessThanOrEqual(mostBuffers(all.length));
      }),
      { numRuns },
    );
  });
});
