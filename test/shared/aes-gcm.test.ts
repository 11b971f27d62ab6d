import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { decrypt, encrypt, nonceLength, tagLength } from '../../source/shared/aes-gcm.ts';

it('opens what was encrypted, and nothing of which a bit is another one', () => {
  const [key, nonce, bound] = [randomBytes(32), randomBytes(nonceLength), Buffer.from('row 1')];
  const sealed = encrypt(Buffer.from('heads and bodies'), key, nonce, bound);
  expect(sealed).toHaveLength(16 + tagLength);
  expect(decrypt(sealed, key, nonce, bound)?.toString()).toBe('heads and bodies');
  expect(decrypt(sealed, key, nonce, Buffer.from('row 2'))).toBeNull();
  expect(decrypt(sealed, randomBytes(32), nonce, bound)).toBeNull();
  expect(decrypt(sealed, key, randomBytes(nonceLength), bound)).toBeNull();
  expect(decrypt(sealed.subarray(0, 3), key, nonce, bound)).toBeNull();
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(decrypt(changed, key, nonce, bound)).toBeNull();
  }
});
