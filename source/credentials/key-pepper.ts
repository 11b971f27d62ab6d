import { createHmac, hash, randomBytes } from 'node:crypto';
import { CcrError } from '../shared/errors.ts';
import { keyPattern, keyPrefix } from '../shared/client-key.ts';
import { Secret } from '../shared/secret.ts';
import type { SecretStoreName } from '../shared/types.ts';
import type { SecretKeeper } from './secret-keeper.ts';

// Keys are hashed with a secret of this installation (the pepper), which lies where the accounts' secrets do: who gets
// hold of config.json alone can neither use a hash nor try out guesses.

const pepperBytes = 32;
const keyBytes = 32;

/** A new key for a client. */
export const newClientKey = (): Secret =>
  new Secret(`${keyPrefix}${randomBytes(keyBytes).toString('base64url')}`);

/** What SHA-256 works on at a time, in bytes. */
const blockBytes = 64;

/** HMAC-SHA-256 of a key as text with a character for each byte. */
export type KeyDigest = (key: string) => string;

/**
 * `digestKey` made ready for many keys: one is looked at for every request. The two hashes that an HMAC is (RFC 2104)
 * take half as long as node's own (measured), because each call of that one makes an object. Throws for a pepper of more
 * than 64 bytes.
 */
export const keyDigest = (pepper: Uint8Array): KeyDigest => {
  const block = Buffer.alloc(blockBytes);
  block.set(pepper);
  const inner = block.map((byte) => byte ^ 0x36);
  const outer = Buffer.concat([block.map((byte) => byte ^ 0x5c), Buffer.alloc(32)]);
  return (key) => {
    const within = hash('sha256', Buffer.concat([inner, Buffer.from(key)]), 'binary');
    outer.write(within, blockBytes, 'latin1');
    return hash('sha256', outer, 'binary');
  };
};

/** HMAC-SHA-256, 32 bytes. */
export const digestKey = (pepper: Uint8Array, key: string): Buffer =>
  createHmac('sha256', pepper).update(key).digest();

export type HashedKey = { hash: string; store: SecretStoreName; notice: string | null };

/** Where the pepper lies, as far as the records tell. */
export type PepperPlace = {
  /** null: nothing was decided yet. */
  store: SecretStoreName | null;
  /** There are keys that were hashed with it: another one in its place would end them. */
  inUse: boolean;
};

/** Turns a key into what may be kept of it. */
export type KeyHasher = {
  /**
   * The hash, made with the pepper that is there, else with a new one that is kept first. `notice` must be shown. Rejects
   * with `bad_secret` for what is no key of ours, with `store_unavailable` when a pepper in use is not there, and with
   * what the store says. One call at a time, over all processes: two new peppers would end each other's keys.
   */
  hash(key: Secret, place: PepperPlace): Promise<HashedKey>;
};

export type Pepper = KeyHasher & {
  /** The pepper in that store; null when there is none. Rejects with what the store says. */
  load(store: SecretStoreName): Promise<Buffer | null>;
};

const unavailable = (what: string): CcrError =>
  new CcrError('store_unavailable', `the secret behind the client keys ${what}`, {
    hint: 'unlock the store and try again; if it is gone, revoke the keys and make new ones',
  });

const decoded = (secret: Secret | null): Buffer | null => {
  if (secret === null) return null;
  const bytes = Buffer.from(secret.reveal(), 'base64');
  if (bytes.length === pepperBytes) return bytes;
  throw unavailable('is damaged');
};

/** Asks the stores, each time. */
export const createPepper = (keeper: SecretKeeper['pepper']): Pepper => {
  const load = async (store: SecretStoreName): Promise<Buffer | null> => decoded(await keeper.get(store));

  const loadOrMake = async ({ store, inUse }: PepperPlace) => {
    const known = store === null ? null : await load(store);
    if (known !== null && store !== null) return { pepper: known, store, notice: null };
    if (inUse) throw unavailable(`is not in the ${store}`);
    const pepper = randomBytes(pepperBytes);
    return { pepper, ...(await keeper.put(new Secret(pepper.toString('base64')), store)) };
  };

  return {
    load,
    hash: async (key, place) => {
      const text = key.reveal();
      if (!keyPattern.test(text)) {
        throw new CcrError('bad_secret', 'this is not a key for clients', {
          hint: `one begins with ${keyPrefix}`,
        });
      }
      const { pepper, store, notice } = await loadOrMake(place);
      return { hash: digestKey(pepper, text).toString('base64'), store, notice };
    },
  };
};
