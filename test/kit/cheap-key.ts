import { hkdfSync } from 'node:crypto';
import type { DeriveKey } from '../../source/credentials/key-derivation.ts';

/** Derives a key at once, where a test is about something else than what a derivation costs. */
export const cheapKey: DeriveKey = async ({ name }, passphrase, salt) =>
  Buffer.from(hkdfSync('sha256', passphrase, salt, name, 32));
