import { createCipheriv, createDecipheriv } from 'node:crypto';

// One vault file:  magic "CCRVAULT" (8) · version (1) · cipher (1) · generation (4, big endian) · nonce (12)
//                  · ciphertext · tag (16).  Everything before the ciphertext is the AAD.

const magic = Buffer.from('CCRVAULT', 'latin1');
const version = 1;
const aes256gcm = 1;
const nonceAt = 14;
const headerLength = 26;
const tagLength = 16;

export const nonceLength = 12;
export const keyLength = 32;

export type VaultContent = {
  /** Counts the writes. */
  generation: number;
  secrets: ReadonlyMap<string, string>;
};

/** The bytes of a vault file. The nonce must be fresh random for every call. */
export const sealVault = (content: VaultContent, key: Uint8Array, nonce: Uint8Array): Buffer => {
  const header = Buffer.alloc(headerLength);
  magic.copy(header);
  header.writeUInt8(version, 8);
  header.writeUInt8(aes256gcm, 9);
  header.writeUInt32BE(content.generation, 10);
  header.set(nonce, nonceAt);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  cipher.setAAD(header);
  const plain = Buffer.from(JSON.stringify([...content.secrets]), 'utf8');
  const sealed = Buffer.concat([header, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  plain.fill(0);
  return sealed;
};

const isEntry = (entry: unknown): entry is [string, string] =>
  Array.isArray(entry) && entry.length === 2 && entry.every((part) => typeof part === 'string');

export type OpenedVault = { ok: true; content: VaultContent } | { ok: false; reason: string };

/** What a vault file holds, or why it cannot be read. Authenticated: one changed bit anywhere is a reason. */
export const openVault = (file: Uint8Array, key: Uint8Array): OpenedVault => {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < headerLength + tagLength) return { ok: false, reason: 'it is cut short' };
  if (!bytes.subarray(0, magic.length).equals(magic)) return { ok: false, reason: 'it is not a vault' };
  if (bytes.readUInt8(8) !== version || bytes.readUInt8(9) !== aes256gcm) {
    return { ok: false, reason: 'its version is not known to this program' };
  }
  const nonce = bytes.subarray(nonceAt, headerLength);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  decipher.setAAD(bytes.subarray(0, headerLength));
  decipher.setAuthTag(bytes.subarray(bytes.length - tagLength));
  try {
    const body = bytes.subarray(headerLength, bytes.length - tagLength);
    const plain = Buffer.concat([decipher.update(body), decipher.final()]);
    const parsed: unknown = JSON.parse(plain.toString('utf8'));
    plain.fill(0);
    if (!Array.isArray(parsed) || !parsed.every(isEntry))
      return { ok: false, reason: 'its content is not ours' };
    return { ok: true, content: { generation: bytes.readUInt32BE(10), secrets: new Map(parsed) } };
  } catch {
    return { ok: false, reason: 'it was changed, or its key is another one' };
  }
};
