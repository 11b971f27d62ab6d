import { decrypt, nonceLength, tagLength } from '../shared/aes-gcm.ts';
import { secretsFromBytes } from './sealed-content.ts';

// Version 1 of the vault, which is read and never written:
//   magic "CCRVAULT" (8) · version (1) · cipher (1) · generation (4, big endian) · nonce (12) · ciphertext · tag (16).
// Everything before the ciphertext is authenticated. Its key is the one in the file beside it.

const aes256gcm = 1;
const nonceAt = 14;
const headerLength = nonceAt + nonceLength;

export type ReadVersion1 =
  | {
      ok: true;
      file: {
        version: 1;
        generation: number;
        open(key: Uint8Array): Map<string, string> | null;
      };
    }
  | { ok: false; problem: 'damaged'; reason: string };

/** A vault of version 1; magic and version have been looked at. `open` gives null for bytes that are not of that key. */
export const readVersion1 = (bytes: Buffer): ReadVersion1 => {
  const damaged = (reason: string): ReadVersion1 => ({ ok: false, problem: 'damaged', reason });
  if (bytes.length < headerLength + tagLength) return damaged('it is cut short');
  if (bytes.readUInt8(9) !== aes256gcm) return damaged('its cipher is not known');
  const header = bytes.subarray(0, headerLength);
  const open = (key: Uint8Array): Map<string, string> | null => {
    const plain = decrypt(bytes.subarray(headerLength), key, header.subarray(nonceAt), header);
    return plain === null ? null : secretsFromBytes(plain);
  };
  return { ok: true, file: { version: 1, generation: bytes.readUInt32BE(10), open } };
};
