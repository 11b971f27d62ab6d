import { isUtf8 } from 'node:buffer';
import { hash, randomBytes } from 'node:crypto';
import { decrypt, encrypt, nonceLength } from '../shared/aes-gcm.ts';
import type { CapturedBody, CapturedRequest, PassedBody, PassedCapture } from '../shared/capture.ts';
import { isRecord } from '../shared/is-record.ts';
import { maskShapes } from '../shared/redact.ts';
import type { SealedCapture } from './capture-rows.ts';

// How captures are encrypted. A thread that has no key for them does without this file, and without node:crypto.

/** What a key is known by; says nothing of the key itself. */
export const keyIdOf = (key: Uint8Array): string =>
  hash('sha256', Buffer.concat([Buffer.from('ccr-tui capture key\n'), key])).slice(0, 16);

/** A row cannot be put in the place of another one. */
const boundTo = (id: string, at: number): Buffer => Buffer.from(`ccr-tui capture 1\n${id}\n${at}`);

/** How many bytes a character of UTF-8 has that begins with this one. */
const lengthFrom = (byte: number): number => {
  if (byte >= 0xf0 && byte <= 0xf4) return 4;
  if (byte >= 0xe0 && byte < 0xf0) return 3;
  return byte >= 0xc2 && byte < 0xe0 ? 2 : 1;
};

/** The bytes without the beginning of a character at their end. */
const withoutPart = (bytes: Buffer): Buffer => {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    const isContinued = byte >= 0x80 && byte < 0xc0;
    if (!isContinued) return lengthFrom(byte) > back ? bytes.subarray(0, -back) : bytes;
  }
  return bytes;
};

/** The bytes as text; null when they are none. What was cut may end within a character. */
const textOf = (bytes: Buffer, isCut: boolean): string | null => {
  const whole = isCut ? withoutPart(bytes) : bytes;
  return isUtf8(whole) ? whole.toString('utf8') : null;
};

const bodyOf = ({ bytes, total, cut, whole, encoding, problem }: PassedBody): CapturedBody => {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const isOpen = cut || !whole;
  const clean = Buffer.from(maskShapes(latin1, !isOpen), 'latin1');
  const text = textOf(clean, isOpen);
  const base64 = text === null ? clean.toString('base64') : null;
  return { bytes: total, text, base64, cut, whole, encoding, problem };
};

/** What is kept of a capture: nothing in it is shaped like a credential any more. */
export const capturedOf = ({ method, target, headers, body, answer }: PassedCapture): CapturedRequest => ({
  method,
  target,
  headers,
  body: bodyOf(body),
  answer: answer && { ...answer, body: bodyOf(answer.body) },
});

/** Encrypts a capture. */
export const sealCapture = (capture: PassedCapture, key: Uint8Array): SealedCapture => {
  const { id, at } = capture;
  const plain = Buffer.from(JSON.stringify(capturedOf(capture)), 'utf8');
  const nonce = randomBytes(nonceLength);
  const sealed = encrypt(plain, key, nonce, boundTo(id, at));
  plain.fill(0);
  return { id, at, keyId: keyIdOf(key), nonce, sealed };
};

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return null;
  }
};

/** What was sealed; null when it was with another key, or was changed since. */
export const openCapture = (
  { id, at, nonce, sealed }: SealedCapture,
  key: Uint8Array,
): CapturedRequest | null => {
  if (nonce.length !== nonceLength) return null;
  const plain = decrypt(sealed, key, nonce, boundTo(id, at));
  const value = plain === null ? null : parsed(plain.toString('utf8'));
  // Nobody without the key could have made it: it is what this program wrote.
  return isRecord(value) ? (value as CapturedRequest) : null;
};
