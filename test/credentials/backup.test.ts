import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openBackup, sealBackup, type BackedUp } from '../../source/credentials/backup.ts';
import { collectSecrets } from '../../source/credentials/collect-backup.ts';
import { restoreSecrets } from '../../source/credentials/restore-backup.ts';
import { createSecretKeeper } from '../../source/credentials/secret-keeper.ts';
import { Secret } from '../../source/shared/secret.ts';
import type { AccountId } from '../../source/shared/types.ts';
import { cheapKey } from '../kit/cheap-key.ts';
import { fileKeychain } from '../kit/file-keychain.ts';
import { accountRecord, keyRecord, loginFacts } from '../kit/records.ts';

const root = mkdtempSync(join(tmpdir(), 'ccr-backup-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const cheap = { derive: cheapKey, wait: async () => {} };
const pass = new Secret('correct horse');
const path = join(root, 'backup');
const by = (passphrase: Secret) => ({ atHand: () => passphrase });

const secrets: BackedUp[] = [
  { store: 'vault', key: 'account/a', secret: new Secret('marker-of-a') },
  { store: 'keychain', key: 'secret/RELAY', secret: new Secret('marker-by-name') },
  { store: 'vault', key: 'keys/pepper', secret: new Secret('marker-of-keys') },
];
const config = '{"port": 4181}';
const write = async (bytes?: Uint8Array): Promise<Buffer> => {
  const sealed = Buffer.from(bytes ?? (await sealBackup({ config, secrets }, pass, cheap)));
  writeFileSync(path, sealed);
  return sealed;
};
const revealed = (list: readonly BackedUp[]): string[] =>
  list.map(({ store, key, secret }) => `${store} ${key} ${secret.reveal()}`);

describe('a backup', () => {
  test('gives back what was put in, to its passphrase', async () => {
    await write();
    const opened = await openBackup(path, by(pass), cheap);
    expect(opened.config).toBe(config);
    expect(revealed(opened.secrets)).toEqual(revealed(secrets));
  });

  test('has nothing of it in plain text, not even names', async () => {
    const text = (await write()).toString('latin1');
    expect(text).not.toMatch(/marker|RELAY|account|pepper|port/);
  });

  test('with a wrong passphrase, damaged, or of a newer version says which of them it is', async () => {
    const good = await write();
    await expect(openBackup(path, by(new Secret('wrong')), cheap)).rejects.toMatchObject({
      code: 'wrong_passphrase',
      message: 'the passphrase is wrong',
    });
    const newer = Buffer.from(good);
    newer[8] = 3;
    await write(newer);
    await expect(openBackup(path, by(pass), cheap)).rejects.toMatchObject({
      code: 'newer_version',
      message: `the backup ${path} was made by a newer version of ccr-tui`,
    });
    for (let at = 0; at < good.length; at += 7) {
      const damaged = Buffer.from(good);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      if (at === 8) continue;
      await write(damaged);
      await expect(openBackup(path, by(pass), cheap)).rejects.toMatchObject({ code: 'backup_damaged' });
    }
    for (const length of [0, 8, 50, 131, good.length - 1]) {
      await write(good.subarray(0, length));
      await expect(openBackup(path, by(pass), cheap)).rejects.toMatchObject({ code: 'backup_damaged' });
    }
  });

  test('is no vault, and a file that is not there is said to be missing', async () => {
    await write(Buffer.from('CCRVAULT and more than enough bytes behind it'));
    await expect(openBackup(path, by(pass), cheap)).rejects.toMatchObject({ code: 'backup_damaged' });
    await expect(openBackup(join(root, 'nowhere'), by(pass), cheap)).rejects.toThrow('there is no file');
    await expect(openBackup(root, by(pass), cheap)).rejects.toThrow('is not a regular file');
  });
});

let count = 0;
const keeperOf = (preference: 'auto' | 'vault' | 'keychain') => {
  const folder = mkdtempSync(join(root, `home-${(count += 1)}-`));
  const paths = { vault: join(folder, 'vault'), vaultKey: join(folder, 'vault.key') };
  return createSecretKeeper({ paths, preference, keychain: { program: fileKeychain(folder) } });
};

describe('what goes into a backup', () => {
  test('is every secret that records lead to and those by name; what is elsewhere is told', async () => {
    const keeper = keeperOf('auto');
    const accounts = [
      accountRecord('in-vault', { store: 'vault' }),
      accountRecord('in-keychain', { store: 'keychain' }),
      accountRecord('in-memory', { store: 'memory' }),
      accountRecord('gone', { store: 'vault' }),
      accountRecord('linked', {
        store: 'keychain',
        kind: 'login',
        login: loginFacts({ linkedTo: '/home/me/.claude' }),
      }),
    ];
    await keeper.renew('id-in-vault' as AccountId, new Secret('one'), 'vault');
    await keeper.renew('id-in-keychain' as AccountId, new Secret('two'), 'keychain');
    await keeper.pepper.put(new Secret('pepper'), 'keychain');
    await keeper.named.set('RELAY', new Secret('three'), 'vault');
    const collected = await collectSecrets({
      accounts,
      clientKeys: [keyRecord('ci', { store: 'keychain' })],
      keeper,
    });
    expect(revealed(collected.secrets)).toEqual([
      'vault account/id-in-vault one',
      'keychain account/id-in-keychain two',
      'keychain keys/pepper pepper',
      'vault secret/RELAY three',
    ]);
    expect(collected.missing).toEqual([
      'the secret of in-memory is in memory only',
      'the secret of gone is not in the vault',
      "the login of linked is Claude Code's own",
    ]);
  });

  test('is nothing at all when a store that is in use does not answer', async () => {
    const keeper = keeperOf('auto');
    const accounts = [accountRecord('one', { store: 'keychain' })];
    const failing = { ...keeper, get: () => Promise.reject(new Error('locked')) };
    await expect(collectSecrets({ accounts, clientKeys: [], keeper: failing })).rejects.toThrow('locked');
  });
});

describe('what comes out of a backup', () => {
  test.each(['vault', 'keychain'] as const)('goes to the %s where new secrets go there', async (store) => {
    const keeper = keeperOf(store);
    const accounts = [accountRecord('a', { store: 'keychain' })].map((each) => ({
      ...each,
      id: 'a' as AccountId,
    }));
    const clientKeys = [keyRecord('ci', { store: 'vault' }), keyRecord('old', { store: 'keychain' })];
    const restored = await restoreSecrets({ accounts, clientKeys, secrets, keeper });
    expect(restored.accounts.map((each) => each.store)).toEqual([store]);
    expect(restored.clientKeys.map((key) => [key.name, key.store])).toEqual([['ci', store]]);
    expect(restored.notices.at(-1)).toBe('client keys that have to be made again: old');
    expect((await keeper.get('a' as AccountId, store))?.reveal()).toBe('marker-of-a');
    expect((await keeper.named.get('RELAY', store))?.reveal()).toBe('marker-by-name');
    expect((await keeper.pepper.get(store))?.reveal()).toBe('marker-of-keys');
  });

  test('leaves a login that is linked where it is: nothing of it is in a store of ours', async () => {
    const facts = { kind: 'login', login: loginFacts({ linkedTo: '/home/me/.claude' }) } as const;
    const accounts = [
      accountRecord('linked', { ...facts, store: 'memory' }),
      accountRecord('own', { store: 'keychain' }),
    ];
    const restored = await restoreSecrets({ accounts, clientKeys: [], secrets, keeper: keeperOf('vault') });
    expect(restored.accounts.map(({ store }) => store)).toEqual(['memory', 'vault']);
  });

  test('is refused when the store does not keep it', async () => {
    const keeper = { ...keeperOf('vault'), get: async () => null };
    await expect(restoreSecrets({ accounts: [], clientKeys: [], secrets, keeper })).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });
});
