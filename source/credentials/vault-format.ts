import { hash, randomBytes } from 'node:crypto';
import { kdfNames, kdfProblem, keyLength, saltLength, type Kdf } from './key-derivation.ts';
import { decrypt, encrypt, nonceLength, tagLength } from '../shared/aes-gcm.ts';
import { secretsFromBytes, secretsToBytes, type Secrets } from './sealed-content.ts';
import { readVersion1 } from './vault-format-1.ts';

// A sealed file, version 2:
//   0 magic (8) · 8 version · 9 cipher · 10 derivation · 11 zero · 12 its parameters (3 × 4) · 24 salt (16) · 40 id (8)
//  48 the content's key, wrapped: nonce (12), key (32), tag (16) · 108 generation (4) · 112 nonce (12)
// 124 checksum (8) · 132 ciphertext · tag (16).                                              Numbers are big endian.
// The wrap authenticates what stands before it, the content all of the header. The checksum is no protection: it tells
// damage from a wrong passphrase before anything is derived.

const version = 2;
const aes256gcm = 1;
const wrapAt = 48;
const generationAt = 108;
const nonceAt = 112;
const checkAt = 124;
const headerLength = 132;
const idLength = 8;
const checkLength = headerLength - checkAt;

const magics = { vault: 'CCRVAULT', backup: 'CCRBAKUP' } as const;
/** What a file is; one is never taken for the other. */
export type SealedKind = keyof typeof magics;

/** The first part of a header: how to come by the key of the content. Stays the same until the passphrase changes. */
export type KeySlot = {
  kdf: Kdf;
  salt: Buffer;
  /** Of this vault, for as long as there is one. */
  id: Buffer;
  /** Nonce, wrapped key, tag. */
  wrap: Buffer;
};

export type SealedFile =
  | { version: 1; generation: number; open(key: Uint8Array): Map<string, string> | null }
  | {
      version: 2;
      slot: KeySlot;
      generation: number;
      /** Null: the bytes are not what was sealed with that key. */
      open(contentKey: Uint8Array): Map<string, string> | null;
    };

/** `newer`: a version that this program does not know. `reason` ends a sentence. */
export type ReadSealed =
  | { ok: true; file: SealedFile }
  | { ok: false; problem: 'damaged' | 'newer'; reason: string };

const damaged = (reason: string): ReadSealed => ({ ok: false, problem: 'damaged', reason });

const slotStart = (kind: SealedKind, { kdf, salt, id }: Omit<KeySlot, 'wrap'>): Buffer => {
  const start = Buffer.alloc(wrapAt);
  start.write(magics[kind], 'latin1');
  start.writeUInt8(version, 8);
  start.writeUInt8(aes256gcm, 9);
  start.writeUInt8(kdfNames.indexOf(kdf.name), 10);
  for (const [index, value] of kdf.parameters.entries()) start.writeUInt32BE(value, 12 + 4 * index);
  start.set(salt, 24);
  start.set(id, 40);
  return start;
};

/** Locks the content's key with a key of its owner. */
export const wrapKey = (
  kind: SealedKind,
  start: Omit<KeySlot, 'wrap'>,
  ownersKey: Uint8Array,
  contentKey: Uint8Array,
): KeySlot => {
  const nonce = randomBytes(nonceLength);
  return {
    ...start,
    wrap: Buffer.concat([nonce, encrypt(contentKey, ownersKey, nonce, slotStart(kind, start))]),
  };
};

/** The content's key; null when it was locked with another one. */
export const unwrapKey = (kind: SealedKind, slot: KeySlot, ownersKey: Uint8Array): Buffer | null => {
  const { wrap } = slot;
  return decrypt(wrap.subarray(nonceLength), ownersKey, wrap.subarray(0, nonceLength), slotStart(kind, slot));
};

export const newSalt = (): Buffer => randomBytes(saltLength);
export const newId = (): Buffer => randomBytes(idLength);
export const newContentKey = (): Buffer => randomBytes(keyLength);

const checksum = (header: Buffer): Buffer =>
  hash('sha256', header.subarray(0, checkAt), 'buffer').subarray(0, checkLength);

/** The bytes of a file, with a nonce that was never used before. */
export const seal = (
  kind: SealedKind,
  { slot, generation, secrets }: { slot: KeySlot; generation: number; secrets: Secrets },
  contentKey: Uint8Array,
): Buffer => {
  const header = Buffer.alloc(headerLength);
  header.set(slotStart(kind, slot));
  header.set(slot.wrap, wrapAt);
  header.writeUInt32BE(generation, generationAt);
  const nonce = randomBytes(nonceLength);
  header.set(nonce, nonceAt);
  header.set(checksum(header), checkAt);
  const plain = secretsToBytes(secrets);
  const sealed = encrypt(plain, contentKey, nonce, header);
  plain.fill(0);
  return Buffer.concat([header, sealed]);
};

const slotOf = (header: Buffer): KeySlot | string => {
  const name = kdfNames[header.readUInt8(10)];
  if (name === undefined || header.readUInt8(11) !== 0) return 'its derivation of a key is not known';
  const kdf: Kdf = {
    name,
    parameters: [header.readUInt32BE(12), header.readUInt32BE(16), header.readUInt32BE(20)],
  };
  return (
    kdfProblem(kdf) ?? {
      kdf,
      salt: header.subarray(24, 40),
      id: header.subarray(40, wrapAt),
      wrap: header.subarray(wrapAt, generationAt),
    }
  );
};

/**
 * What can be known of a file without its key. Derives nothing and takes no memory for what stands in it. `slot` and `open`
 * speak of the bytes given, which must not change.
 */
export const readSealed = (kind: SealedKind, given: Uint8Array): ReadSealed => {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  if (bytes.length < magics[kind].length + 1) return damaged('it is cut short');
  if (bytes.toString('latin1', 0, magics[kind].length) !== magics[kind])
    return damaged(`it is not a ${kind}`);
  const found = bytes.readUInt8(magics[kind].length);
  if (found === 1 && kind === 'vault') return readVersion1(bytes);
  if (found !== version) {
    const reason = 'its version is not known to this program';
    return found > version ? { ok: false, problem: 'newer', reason } : damaged(reason);
  }
  if (bytes.length < headerLength + tagLength) return damaged('it is cut short');
  const header = bytes.subarray(0, headerLength);
  if (!checksum(header).equals(header.subarray(checkAt))) return damaged('its head was changed');
  if (header.readUInt8(9) !== aes256gcm) return damaged('its cipher is not known');
  const slot = slotOf(header);
  if (typeof slot === 'string') return damaged(slot);
  const open = (contentKey: Uint8Array): Map<string, string> | null => {
    const nonce = header.subarray(nonceAt, checkAt);
    const plain = decrypt(bytes.subarray(headerLength), contentKey, nonce, header);
    return plain === null ? null : secretsFromBytes(plain);
  };
  return {
    ok: true,
    file: { version: 2, slot, generation: header.readUInt32BE(generationAt), open },
  };
};
