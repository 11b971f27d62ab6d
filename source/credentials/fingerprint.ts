import { createHash } from 'node:crypto';
import type { Secret } from '../shared/secret.ts';

/** SHA-256 of a token in hex: tells which one was meant to whoever has it, and nothing to others. */
export const fingerprintOf = (token: Secret): string =>
  createHash('sha256').update(token.reveal()).digest('hex');

/** Whether both are the same token; two that are not there are. */
export const isSameToken = (one: Secret | null, other: Secret | null): boolean =>
  one === null || other === null ? one === other : one.reveal() === other.reveal();
