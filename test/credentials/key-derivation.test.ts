import { describe, expect, test } from 'vitest';
import { deriveKey, kdfExists, standardKdf } from '../../source/credentials/key-derivation.ts';

const salt = Buffer.alloc(16, 7);
const known = {
  scrypt: 'c269930afbabafd908a6fa4d6902f80a2839ea623c1129602670854e57e4c705',
  argon2id: '7b985d8fa00c9eccccf918c8cb9feaa8036af381caf6f498e099b5b849b8c18a',
};

describe('a key from a passphrase', () => {
  test.each(['scrypt', 'argon2id'] as const)(
    'by %s is what it was on another day, by another version, and leaves the thread free',
    async (name) => {
      if (!kdfExists(name)) return;
      let turns = 0;
      const turning = setInterval(() => (turns += 1), 1);
      const key = await deriveKey(standardKdf(name), Buffer.from('correct horse'), salt);
      clearInterval(turning);
      expect(key.toString('hex')).toBe(known[name]);
      expect(turns).toBeGreaterThan(5);
    },
  );

  test('with parameters out of bounds, or none, takes no memory and ends in an error', async () => {
    const before = process.memoryUsage().rss;
    await expect(
      deriveKey({ name: 'scrypt', parameters: [2 ** 30, 8, 1] }, Buffer.from('x'), salt),
    ).rejects.toThrow('out of bounds');
    await expect(deriveKey(standardKdf('random'), Buffer.from('x'), salt)).rejects.toThrow('is not derived');
    expect(process.memoryUsage().rss - before).toBeLessThan(20 * 1024 * 1024);
  });

  test('costs at least what OWASP asks for', () => {
    const [n, r, p] = standardKdf('scrypt').parameters;
    expect([n >= 2 ** 17, r >= 8, p >= 1]).toEqual([true, true, true]);
    const [memoryKiB, passes] = standardKdf('argon2id').parameters;
    expect([memoryKiB >= 19 * 1024, passes >= 2]).toEqual([true, true]);
  });
});
