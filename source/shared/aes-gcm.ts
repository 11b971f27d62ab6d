import { createCipheriv, createDecipheriv } from 'node:crypto';

// AES-256-GCM, the one cipher of our files.

export const nonceLength = 12;
export const tagLength = 16;

/** Ciphertext and tag. The nonce must be fresh random for every call with one key. */
export const encrypt = (
  plain: Uint8Array,
  key: Uint8Array,
  nonce: Uint8Array,
  authenticated: Uint8Array,
): Buffer => {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  cipher.setAAD(authenticated);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
};

/** What was encrypted; null when a bit of anything is another one. */
export const decrypt = (
  sealed: Uint8Array,
  key: Uint8Array,
  nonce: Uint8Array,
  authenticated: Uint8Array,
): Buffer | null => {
  if (sealed.length < tagLength) return null;
  const body = sealed.subarray(0, sealed.length - tagLength);
  // The length is fixed here: by default Node takes tags of 4 bytes, too, which can be guessed.
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  decipher.setAAD(authenticated);
  decipher.setAuthTag(sealed.subarray(body.length));
  try {
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    return null;
  }
};
