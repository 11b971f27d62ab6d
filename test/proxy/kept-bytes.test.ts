import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeptBytes } from '../../source/proxy/kept-bytes.ts';
import { ReplayMemory } from '../../source/proxy/replay-memory.ts';
import { maskShapes, maskWords, wordsOf } from '../../source/shared/redact.ts';
import { inRun } from '../kit/long-run.ts';

const pieces = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
};

describe('what is kept of a body that passes', () => {
  it('is its beginning, and no secret in it, however its bytes were split', () => {
    const secret = 'known-secret-0123456789';
    const words = wordsOf([secret]);
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.constantFrom(secret, 'sk-ant-api03-abcdefghij0123456789', `ccr_${'x'.repeat(43)}`),
    );
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.nat()), fc.nat(200), (parts, cuts, limit) => {
        const bytes = Buffer.from(parts.join(' '), 'latin1');
        const cleaned = (chunks: readonly Buffer[]): string => {
          const kept = new KeptBytes(limit, new ReplayMemory());
          for (const chunk of chunks) kept.push(chunk);
          expect(kept.total).toBe(bytes.length);
          const taken = Buffer.from(kept.taken());
          expect(taken).toEqual(bytes.subarray(0, limit));
          const isWhole = kept.total <= limit;
          return maskShapes(maskWords(taken.toString('latin1'), words, isWhole), isWhole);
        };
        const once = cleaned([bytes]);
        expect(cleaned(pieces(bytes, cuts))).toBe(once);
        expect(once).not.toContain(secret);
        expect(once).not.toContain('sk-ant-api03-abcdefghij');
      }),
      { numRuns: inRun(200, 5000) },
    );
  });

  it('takes no more memory than its limit, and gives all of it back', () => {
    const memory = new ReplayMemory();
    const kept = new KeptBytes(10_000, memory);
    for (let n = 0; n < 1000; n += 1) kept.push(Buffer.alloc(100, 7));
    expect([kept.total, kept.taken().length, memory.used]).toEqual([100_000, 10_000, 10_000]);
    kept.release();
    kept.release();
    expect(memory.used).toBe(0);
    // An upload may go on when its answer has ended: nobody would give that back.
    kept.push(Buffer.alloc(100));
    expect([kept.total, kept.taken().length, memory.used]).toEqual([100_100, 0, 0]);
  });

  it('is nothing where there is no memory, and the count goes on', () => {
    const memory = new ReplayMemory(3000);
    const kept = new KeptBytes(10_000, memory);
    kept.push(Buffer.alloc(2000));
    kept.push(Buffer.alloc(2000));
    kept.push(Buffer.alloc(2000));
    expect([kept.isLost, kept.total, kept.taken().length, memory.used]).toEqual([true, 6000, 0, 0]);
  });
});
