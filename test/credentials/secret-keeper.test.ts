import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSecretKeeper } from '../../source/credentials/secret-keeper.ts';
import { Secret } from '../../source/shared/secret.ts';
import type { AccountId } from '../../source/shared/types.ts';

const root = mkdtempSync(join(tmpdir(), 'ccr-keeper-'));
const id = 'keeper-test' as AccountId;
const secret = new Secret('sk-ant-api03-keeper');
const noBus = { ...process.env, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' };
const service = `ccr-tui-test-keeper-${process.pid}`;
const sourceOf = (path: string): string =>
  pathToFileURL(resolve(import.meta.dirname, '../../source', path)).href;

let paths = { vault: '', vaultKey: '' };
let count = 0;
beforeAll(() => {
  if (process.env.CCR_TEST_KEYRING !== '1')
    throw new Error('run these tests through test/kit/with-keyring.sh');
});
beforeEach(() => {
  const folder = join(root, `${(count += 1)}`);
  paths = { vault: join(folder, 'vault'), vaultKey: join(folder, 'vault.key') };
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** For the keychain's process to start, which on a busy machine takes longer than a person would wait. */
const timeoutMs = 15_000;
const working = (preference: 'auto' | 'keychain' | 'vault' | 'memory') =>
  createSecretKeeper({ paths, preference, keychain: { service, timeoutMs } });
const without = (preference: 'auto' | 'keychain') =>
  createSecretKeeper({ paths, preference, keychain: { service, timeoutMs, env: noBus } });

describe('auto, at the first secret', () => {
  test('takes the keychain when it answers, and says nothing', async () => {
    const keeper = working('auto');
    expect(await keeper.put(id, secret, null)).toEqual({ store: 'keychain', notice: null });
    expect((await keeper.get(id, 'keychain'))?.reveal()).toBe(secret.reveal());
    expect(existsSync(paths.vault)).toBe(false);
    await keeper.remove(id, 'keychain');
    await keeper.remove(id, 'keychain');
    expect(await keeper.get(id, 'keychain')).toBeNull();
  });

  test('takes the vault when no keychain answers, and says so', async () => {
    const keeper = without('auto');
    const { store, notice } = await keeper.put(id, secret, null);
    expect(store).toBe('vault');
    expect(notice).toMatch(/^the keychain does not work \(.+\), so the secret is in the encrypted vault /);
    expect(notice).toContain(paths.vaultKey);
    expect((await keeper.get(id, 'vault'))?.reveal()).toBe(secret.reveal());
  });

  test('takes the vault when the keychain is locked: it answers then, but keeps nothing', () => {
    const script = `
      const { execFileSync } = await import('node:child_process');
      const { createSecretKeeper } = await import(${JSON.stringify(sourceOf('credentials/secret-keeper.ts'))});
      const { Secret } = await import(${JSON.stringify(sourceOf('shared/secret.ts'))});
      const keeper = createSecretKeeper({ paths: ${JSON.stringify(paths)}, preference: 'auto', keychain: { timeoutMs: ${timeoutMs} } });
      await keeper.put('first', new Secret('one'), null);
      execFileSync('dbus-send', ['--session', '--print-reply', '--dest=org.freedesktop.secrets', '/org/freedesktop/secrets',
        'org.freedesktop.Secret.Service.Lock', 'array:objpath:/org/freedesktop/secrets/collection/login'], { stdio: 'ignore' });
      console.log(JSON.stringify(await keeper.put('second', new Secret('two'), null)));`;
    const harness = resolve(import.meta.dirname, '../kit/with-keyring.sh');
    const run = spawnSync('bash', [harness, process.execPath, '--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(JSON.parse(run.stdout)).toEqual({
      store: 'vault',
      notice: expect.stringMatching(/^the keychain is locked, so the secret is in the encrypted vault /),
    });
  });

  test('does not take the memory that another process chose', async () => {
    expect(await without('auto').put(id, secret, 'memory')).toMatchObject({ store: 'vault' });
  });
});

describe('once decided', () => {
  test('auto never looks into another store, neither for new secrets nor for old ones', async () => {
    await expect(without('auto').put(id, secret, 'keychain')).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    expect(existsSync(paths.vault)).toBe(false);
    const keeper = working('auto');
    expect(await keeper.put(id, secret, 'vault')).toMatchObject({ store: 'vault' });
    expect(await keeper.get(id, 'keychain')).toBeNull();
    await keeper.remove(id, 'keychain');
    expect((await keeper.get(id, 'vault'))?.reveal()).toBe(secret.reveal());
    await expect(without('auto').get(id, 'keychain')).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  test('says once where the vault is, and not again with each account', async () => {
    const keeper = working('vault');
    expect((await keeper.put(id, secret, null)).notice).toMatch(/^the secret is in the encrypted vault /);
    expect(await keeper.put(id, secret, 'vault')).toEqual({ store: 'vault', notice: null });
    expect(await working('auto').put(id, secret, 'vault')).toEqual({ store: 'vault', notice: null });
  });

  test('a named store is taken whatever the others use, and its failure is not hidden', async () => {
    const keeper = working('vault');
    const { store, notice } = await keeper.put(id, secret, 'keychain');
    expect(store).toBe('vault');
    expect(notice).toMatch(/^the secret is in the encrypted vault /);
    await expect(without('keychain').put(id, secret, null)).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    expect(await working('memory').put(id, secret, null)).toMatchObject({
      store: 'memory',
      notice: expect.stringContaining('gone when this process ends'),
    });
  });
});

test('a secret too long for the keychain is refused, not moved elsewhere', async () => {
  await expect(working('auto').put(id, new Secret('x'.repeat(2400)), null)).rejects.toMatchObject({
    code: 'bad_secret',
  });
  expect(existsSync(paths.vault)).toBe(false);
});

test.each(['keychain', 'vault', 'memory'] as const)(
  'secrets by name are kept, listed and forgotten in the %s, apart from those of accounts',
  async (preference) => {
    const { named, ...keeper } = working(preference);
    await keeper.put(id, secret, null);
    expect(await named.list(preference)).toEqual([]);
    for (const name of ['RELAY_KEY', 'Other-1'])
      expect(await named.set(name, new Secret(name), preference)).toMatchObject({ store: preference });
    await named.set('RELAY_KEY', new Secret('newer'), preference);
    expect(await named.list(preference)).toEqual(['Other-1', 'RELAY_KEY']);
    expect((await named.get('RELAY_KEY', preference))?.reveal()).toBe('newer');
    expect([
      await named.delete('RELAY_KEY', preference),
      await named.delete('RELAY_KEY', preference),
    ]).toEqual([true, false]);
    await named.delete('Other-1', preference);
    expect(await named.list(preference)).toEqual([]);
    expect((await keeper.get(id, preference))?.reveal()).toBe(secret.reveal());
    await keeper.remove(id, preference);
  },
);

test('keychain and vault work from a worker thread', async () => {
  const code = `
    const { parentPort } = require('node:worker_threads');
    (async () => {
      const { createSecretKeeper } = await import(${JSON.stringify(sourceOf('credentials/secret-keeper.ts'))});
      const { Secret } = await import(${JSON.stringify(sourceOf('shared/secret.ts'))});
      const options = { paths: ${JSON.stringify(paths)}, keychain: ${JSON.stringify({ service, timeoutMs })} };
      const seen = [];
      for (const preference of ['keychain', 'vault']) {
        const keeper = createSecretKeeper({ ...options, preference });
        const { store } = await keeper.put('thread', new Secret(preference), null);
        seen.push((await keeper.get('thread', store)).reveal());
        await keeper.remove('thread', store);
        seen.push(await keeper.get('thread', store));
      }
      parentPort.postMessage(seen);
    })();`;
  const worker = new Worker(code, { eval: true });
  const ended = new Promise<number>((done) => worker.once('exit', done));
  const seen = await new Promise((done, fail) => worker.once('message', done).once('error', fail));
  expect(seen).toEqual(['keychain', null, 'vault', null]);
  // Nothing of ours keeps the thread alive.
  expect(await ended).toBe(0);
});
