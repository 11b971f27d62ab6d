import { CcrError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import type { SecretStoreName } from '../shared/types.ts';
import type { SecretStore } from './secret-store.ts';
import type { CopyResult } from './store-operation.ts';

export type Move = { key: string; from: SecretStoreName; to: SecretStoreName };

/** Moving single secrets from one store to another; who asks changes the records in between. */
export type Transfer = {
  /** Copies the secret and reads it back. `replace`: another one that is there already goes. */
  copy(move: Move & { replace: boolean }): Promise<CopyResult>;
  /** Deletes the old copy, as long as there is a new one. What was renewed since it was copied is copied again first. */
  leave(move: Move): Promise<void>;
  /**
   * The store that a key is in now: whoever began with the record of before (a refresh that is under way) must not put a
   * renewed token where nobody will look for it.
   */
  placeOf(key: string, store: SecretStoreName): SecretStoreName;
};

const notKept = (to: SecretStoreName): CcrError =>
  new CcrError('store_unavailable', `the ${to} did not keep a secret that was copied to it`, {
    hint: 'everything is where it was; try again',
  });

const isSame = (one: Secret | null, other: Secret | null): boolean =>
  one !== null && other !== null && one.reveal() === other.reveal();

export const createTransfer = (storeNamed: (name: SecretStoreName) => SecretStore): Transfer => {
  // Both hold an entry for each secret of this installation, at most.
  const moved = new Map<string, SecretStoreName>();
  const copies = new Map<string, Secret>();
  const placeName = (key: string, store: SecretStoreName): string => `${store} ${key}`;

  const copy: Transfer['copy'] = async ({ key, from, to, replace }) => {
    const secret = await storeNamed(from).get(key);
    if (secret === null) return 'absent';
    const there = await storeNamed(to).get(key);
    if (there !== null && !replace && !isSame(secret, there)) return 'occupied';
    copies.set(placeName(key, from), secret);
    if (isSame(secret, there)) return 'copied';
    await storeNamed(to).set(key, secret);
    if (!isSame(await storeNamed(to).get(key), secret)) throw notKept(to);
    return 'copied';
  };

  return {
    copy,
    leave: async ({ key, from, to }) => {
      // From here on nothing is put into the old place.
      const old = placeName(key, from);
      moved.delete(placeName(key, to));
      moved.set(old, to);
      const copied = copies.get(old);
      const now = await storeNamed(from).get(key);
      copies.delete(old);
      if (now === null) return;
      if (copied !== undefined && !isSame(now, copied)) await copy({ key, from, to, replace: true });
      copies.delete(old);
      if ((await storeNamed(to).get(key)) !== null) await storeNamed(from).delete(key);
      else moved.delete(old);
    },
    placeOf: (key, store) => moved.get(placeName(key, store)) ?? store,
  };
};
