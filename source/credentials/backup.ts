import { readRegularFile } from '../config/regular-file.ts';
import { CcrError } from '../shared/errors.ts';
import { Secret } from '../shared/secret.ts';
import { systemCode } from '../shared/system-code.ts';
import { secretStores, type SecretStoreName } from '../shared/types.ts';
import { standardKdf } from './key-derivation.ts';
import { newContentKey, newId, newSalt, readSealed, seal, unwrapKey, wrapKey } from './vault-format.ts';
import { createVaultKeys, type PassphraseSource, type VaultKeysOptions } from './vault-keys.ts';

/** A secret with the store that it was in and its key there. */
export type BackedUp = { store: SecretStoreName; key: string; secret: Secret };

/** All that an installation consists of: its settings and records as config.json has them, and its secrets. */
export type Backup = { config: string; secrets: readonly BackedUp[] };

type Options = Pick<VaultKeysOptions, 'derive' | 'wait' | 'monotonic'>;

const configKey = 'config';
const maxBytes = 64 * 1024 * 1024;

/** The bytes of a backup that the passphrase opens. */
export const sealBackup = async (
  { config, secrets }: Backup,
  passphrase: Secret,
  options: Options = {},
): Promise<Buffer> => {
  const keys = createVaultKeys({ ...options, kind: 'backup', passphrase: { atHand: () => passphrase } });
  const start = { kdf: standardKdf('scrypt'), salt: newSalt(), id: newId() };
  const contentKey = newContentKey();
  const ownersKey = await keys.create(start.kdf, passphrase, start.salt);
  const entries = secrets.map(({ store, key, secret }): [string, string] => [
    `${store} ${key}`,
    secret.reveal(),
  ]);
  const content = new Map([[configKey, config], ...entries]);
  const slot = wrapKey('backup', start, ownersKey, contentKey);
  return seal('backup', { slot, generation: 1, secrets: content }, contentKey);
};

const damaged = (path: string, reason: string): CcrError =>
  new CcrError('backup_damaged', `the backup ${path} cannot be opened: ${reason}`, {
    hint: 'nothing was changed; take another copy of it',
  });

const newer = (path: string): CcrError =>
  new CcrError('newer_version', `the backup ${path} was made by a newer version of ccr-tui`, {
    hint: 'nothing was changed; update ccr-tui',
  });

const readBytes = (path: string): Buffer => {
  const found = readRegularFile(path, { maxBytes, follow: true });
  if (found.kind === 'file') return found.bytes;
  if (found.kind === 'missing') throw new CcrError('failed', `there is no file ${path}`);
  if (found.kind === 'irregular') throw new CcrError('failed', `${path} is not a regular file`);
  if (found.kind === 'large') throw damaged(path, 'it is larger than any backup of ours');
  throw new CcrError('failed', `${path} cannot be read (${systemCode(found.error)})`);
};

const entryOf = ([place, text]: [string, string]): BackedUp | null => {
  const [storeText, key = ''] = place.split(' ', 2);
  const store = secretStores.find((name) => name === storeText);
  return store === undefined || key === '' ? null : { store, key, secret: new Secret(text) };
};

/**
 * What a backup holds. Rejects with `backup_damaged`, `newer_version`, `wrong_passphrase`, `vault_locked` (nobody gave one) or
 * `failed`.
 */
export const openBackup = async (
  path: string,
  passphrase: PassphraseSource,
  options: Options = {},
): Promise<Backup> => {
  const sealed = readSealed('backup', readBytes(path));
  if (!sealed.ok) throw sealed.problem === 'newer' ? newer(path) : damaged(path, sealed.reason);
  const { file } = sealed;
  if (file.version === 1 || file.slot.kdf.name === 'random') throw damaged(path, 'it has no passphrase');
  const keys = createVaultKeys({ ...options, kind: 'backup', passphrase });
  await keys.obtain(file.slot);
  const ownersKey = keys.atHand(file.slot);
  const contentKey = ownersKey && unwrapKey('backup', file.slot, ownersKey);
  const content = contentKey && file.open(contentKey);
  const config = content?.get(configKey);
  if (!content || config === undefined) throw damaged(path, 'it was changed');
  content.delete(configKey);
  const secrets = [...content].map(entryOf);
  if (secrets.includes(null)) throw damaged(path, 'its content is not ours');
  return { config, secrets: secrets.filter((entry) => entry !== null) };
};
