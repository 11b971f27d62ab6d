import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { openDocument } from '../../source/config/document.ts';
import { resolvePaths, type Paths } from '../../source/config/paths.ts';
import { loadSettings } from '../../source/config/settings.ts';
import { moveSecrets } from '../../source/credentials/move-secrets.ts';
import { createSecretKeeper } from '../../source/credentials/secret-keeper.ts';
import { storeOperations, type RunStoreOperation } from '../../source/credentials/store-operation.ts';
import { Secret } from '../../source/shared/secret.ts';
import type { AccountId, MovableStore, SecretStoreName } from '../../source/shared/types.ts';
import { fileKeychain, orphansGone } from '../kit/file-keychain.ts';
import { accountRecord, keyRecord } from '../kit/records.ts';
import { inRun } from '../kit/long-run.ts';

const root = mkdtempSync(join(tmpdir(), 'ccr-move-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const sourceOf = (path: string): string =>
  pathToFileURL(resolve(import.meta.dirname, '../../source', path)).href;

let count = 0;
let paths: Paths;
let program = '';
beforeEach(() => {
  const home = join(root, `${(count += 1)}`);
  mkdirSync(home, { mode: 0o700 });
  paths = resolvePaths({ CCR_TUI_HOME: home });
  program = fileKeychain(home);
});

/** As a new process has it. */
const keeperOf = () => createSecretKeeper({ paths, preference: 'auto', keychain: { program } });
const read = () => loadSettings({ paths, env: {} });

const furnish = async (store: SecretStoreName): Promise<void> => {
  const keeper = keeperOf();
  const document = openDocument(paths);
  const accounts = ['one', 'two'].map((name) => accountRecord(name, { store }));
  for (const { id, name } of accounts) await keeper.renew(id, new Secret(`secret of ${name}`), store);
  await keeper.pepper.put(new Secret('the pepper'), store);
  await keeper.named.set('RELAY', new Secret('by name'), store);
  await document.updateAccounts(() => accounts);
  await document.updateClientKeys(() => [keyRecord('ci', { store })]);
};

const move = (to: MovableStore, around: (run: RunStoreOperation) => RunStoreOperation = (run) => run) =>
  moveSecrets({ to, read, document: openDocument(paths), run: around(storeOperations(keeperOf())) });

/** What every record gives when it is followed. */
const followed = async (): Promise<string[]> => {
  const keeper = keeperOf();
  const { accounts, clientKeys } = read();
  const secrets = await Promise.all([
    ...accounts.map(({ id, store }) => keeper.get(id, store)),
    ...clientKeys.map(({ store }) => keeper.pepper.get(store)),
  ]);
  return secrets.map((secret) => secret?.reveal() ?? 'nothing');
};
const whole = ['secret of one', 'secret of two', 'the pepper'];

/** Everything that lies in a store. */
const contentOf = async (store: SecretStoreName): Promise<(string | undefined)[]> => {
  const keeper = keeperOf();
  const secrets = await Promise.all([
    ...['one', 'two'].map((name) => keeper.get(`id-${name}` as AccountId, store)),
    keeper.pepper.get(store),
    keeper.named.get('RELAY', store),
  ]);
  return secrets.map((secret) => secret?.reveal());
};
const nothing = [undefined, undefined, undefined, undefined];

describe('moving every secret', () => {
  test.each([
    ['keychain', 'vault'],
    ['vault', 'keychain'],
  ] as const)('from the %s to the %s takes all along and leaves nothing', async (from, to) => {
    await furnish(from);
    expect(await move(to)).toEqual({ accounts: 2, clientKeys: 1, named: 1, left: [] });
    expect(await followed()).toEqual(whole);
    expect(await contentOf(to)).toEqual([...whole, 'by name']);
    expect(await contentOf(from)).toEqual(nothing);
    expect(read().accounts.map(({ store }) => store)).toEqual([to, to]);
    expect(read().clientKeys.map(({ store }) => store)).toEqual([to]);
    expect(await move(to)).toEqual({ accounts: 0, clientKeys: 0, named: 0, left: [] });
  });

  test('takes the key of what was captured along, unless there is another one', async () => {
    await furnish('vault');
    await keeperOf().captureKey.put(new Secret('capture key'), 'vault');
    expect((await move('keychain')).left).toEqual([]);
    expect((await keeperOf().captureKey.get('keychain'))?.reveal()).toBe('capture key');
    expect(await keeperOf().captureKey.get('vault')).toBeNull();
    await createSecretKeeper({ paths, preference: 'vault' }).captureKey.put(new Secret('another one'), null);
    expect((await move('vault')).left).toEqual([
      'the key of what was captured stays in the keychain: captures were made with another one in the vault',
    ]);
    expect((await keeperOf().captureKey.get('keychain'))?.reveal()).toBe('capture key');
  });

  test('leaves what it does not find, and what would end other keys, and says so', async () => {
    await furnish('vault');
    const keeper = keeperOf();
    await keeper.remove('id-two' as AccountId, 'vault');
    await keeper.pepper.put(new Secret('another pepper'), 'keychain');
    await createSecretKeeper({ paths, preference: 'keychain', keychain: { program } }).pepper.put(
      new Secret('another pepper'),
      null,
    );
    await openDocument(paths).updateClientKeys((keys) => [
      ...keys,
      keyRecord('other', { store: 'keychain' }),
    ]);
    const { left, ...counts } = await move('keychain');
    expect(counts).toEqual({ accounts: 1, clientKeys: 0, named: 1 });
    expect(left).toEqual([
      'the secret of two is not in the vault',
      expect.stringContaining('the secret behind the client keys stays in the vault'),
    ]);
    expect(read().accounts.map(({ store }) => store)).toEqual(['keychain', 'vault']);
    expect(read().clientKeys.map(({ store }) => store)).toEqual(['vault', 'keychain']);
  });

  test('deletes nothing when the new place does not keep what it is given', async () => {
    await furnish('vault');
    const forgetful: RunStoreOperation = async (operation, secret) => {
      if (operation.name === 'copy') throw new Error('the disk is full');
      return storeOperations(keeperOf())(operation, secret);
    };
    await expect(move('keychain', () => forgetful)).rejects.toThrow('the disk is full');
    expect(await followed()).toEqual(whole);
    expect(await contentOf('vault')).toEqual([...whole, 'by name']);
  });

  test('takes a login along that was renewed while it moved, in the old place and by the old record', async () => {
    await furnish('vault');
    const keeper = keeperOf();
    const id = 'id-one' as AccountId;
    let between: string | undefined;
    const run: RunStoreOperation = async (operation, secret) => {
      const isFirst = operation.name === 'leave' && operation.key === 'account/id-one';
      if (isFirst) await keeper.renew(id, new Secret('renewed before'), 'vault');
      const result = await storeOperations(keeper)(operation, secret);
      if (isFirst) {
        between = (await keeper.get(id, 'keychain'))?.reveal();
        await keeper.renew(id, new Secret('renewed after'), 'vault');
      }
      return result;
    };
    await move('keychain', () => run);
    expect(between).toBe('renewed before');
    expect((await followed())[0]).toBe('renewed after');
    expect((await contentOf('vault'))[0]).toBeUndefined();
  });
});

/** Questions for names, four copies, the records, four deletions: before each, and when all are done. */
const steps = 12;

describe('a move that ends in the middle', () => {
  test.each(inRun([2, 7, 9], [...Array(steps).keys()]))(
    'before step %i leaves every account its secret, and goes on when asked again',
    async (step) => {
      await furnish('keychain');
      let done = 0;
      const stop = (): void => {
        if (done === step) throw new Error('stopped');
        done += 1;
      };
      const keeper = keeperOf();
      const document = openDocument(paths);
      await moveSecrets({
        to: 'vault',
        read,
        run: async (...given) => {
          stop();
          return storeOperations(keeper)(...given);
        },
        document: {
          updateTogether: (change) => {
            stop();
            return document.updateTogether(change);
          },
        },
      }).catch(() => {});
      expect(await followed()).toEqual(whole);
      await move('vault');
      expect(await followed()).toEqual(whole);
      expect(await contentOf('vault')).toEqual([...whole, 'by name']);
      expect(await contentOf('keychain')).toEqual(nothing);
    },
  );

  test('killed at any moment, leaves every account its secret', async () => {
    await furnish('keychain');
    const script = `
      const { moveSecrets } = await import(${JSON.stringify(sourceOf('credentials/move-secrets.ts'))});
      const { storeOperations } = await import(${JSON.stringify(sourceOf('credentials/store-operation.ts'))});
      const { createSecretKeeper } = await import(${JSON.stringify(sourceOf('credentials/secret-keeper.ts'))});
      const { openDocument } = await import(${JSON.stringify(sourceOf('config/document.ts'))});
      const { loadSettings } = await import(${JSON.stringify(sourceOf('config/settings.ts'))});
      const paths = ${JSON.stringify(paths)};
      const keeper = createSecretKeeper({ paths, preference: 'auto', keychain: { program: ${JSON.stringify(program)} } });
      const run = async (...given) => { console.log(given[0].name); return storeOperations(keeper)(...given); };
      for (;;) for (const to of ['vault', 'keychain'])
        await moveSecrets({ to, run, document: openDocument(paths), read: () => loadSettings({ paths, env: {} }) });`;
    for (let round = 0; round < inRun(1, 50); round += 1) {
      const mover = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      mover.stdout.on('data', (chunk) => (said += String(chunk)));
      const enough = 3 + ((round * 7) % 24);
      while (said.split('\n').length <= enough) await once(mover.stdout, 'data');
      mover.kill('SIGKILL');
      await once(mover, 'close');
      await orphansGone(paths.home);
      expect(await followed()).toEqual(whole);
    }
  }, 900_000);
});
