import { Secret } from './secret.ts';

/** The secret that bytes of UTF-8 spell; they are wiped. */
export const takeSecret = (bytes: Uint8Array): Secret => {
  // A view, because Buffer.from(bytes) would leave a copy behind that nobody wipes.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  bytes.fill(0);
  return new Secret(text);
};

/** A secret as bytes of UTF-8, a copy of their own; whoever takes them wipes them. */
export const bytesOfSecret = (secret: Secret): Uint8Array => new TextEncoder().encode(secret.reveal());
