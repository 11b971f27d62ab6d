import { CcrError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import type { PassphraseKdf, SecretStoreName } from '../shared/types.ts';
import type { Protection } from './open-vault.ts';
import type { SecretKeeper } from './secret-keeper.ts';

/** How a vault is to be locked, without the passphrase: null = with a random key in a file. */
export type VaultKdf = PassphraseKdf | null;

/** What is done with a store as a whole: in the thread of the running instance, or in the process that was asked. */
export type StoreOperation =
  /** With the passphrase, where there is to be one. */
  | { name: 'vault.init' | 'vault.protect'; kdf: VaultKdf }
  /** With the passphrase. */
  | { name: 'vault.unlock' }
  | { name: 'vault.rotate' }
  /** Answers the names of the secrets by name in that store. */
  | { name: 'named'; store: SecretStoreName }
  /** Answers `copied`, `absent`, or `occupied` where `to` has another one that must stay. Touches nothing in `from`. */
  | { name: 'copy'; key: string; from: SecretStoreName; to: SecretStoreName; replace: boolean }
  /** Deletes what was copied; what was renewed in `from` meanwhile is copied first. */
  | { name: 'leave'; key: string; from: SecretStoreName; to: SecretStoreName };

export type CopyResult = 'copied' | 'absent' | 'occupied';

/** Carries an operation out. Rejects with what stores and vault say. */
export type RunStoreOperation = (
  operation: StoreOperation,
  secret: Secret | null,
) => Promise<readonly string[]>;

const protectionOf = (kdf: VaultKdf, passphrase: Secret | null): Protection => {
  if (kdf === null) return { kind: 'key-file' };
  if (passphrase === null) throw new CcrError('bad_secret', 'no passphrase was given');
  return { kind: 'passphrase', passphrase, kdf };
};

/** Carries operations out with the stores of this keeper. */
export const storeOperations =
  (keeper: Pick<SecretKeeper, 'vault' | 'named' | 'transfer'>): RunStoreOperation =>
  async (operation, secret) => {
    switch (operation.name) {
      case 'vault.init':
        await keeper.vault().init(protectionOf(operation.kdf, secret));
        return [];
      case 'vault.protect':
        await keeper.vault().protect(protectionOf(operation.kdf, secret));
        return [];
      case 'vault.unlock':
        if (secret === null) throw new CcrError('bad_secret', 'no passphrase was given');
        await keeper.vault().unlock(secret);
        return [];
      case 'vault.rotate':
        await keeper.vault().rotate();
        return [];
      case 'named':
        return keeper.named.list(operation.store);
      case 'copy':
        return [await keeper.transfer.copy(operation)];
      case 'leave':
        await keeper.transfer.leave(operation);
        return [];
    }
  };
