import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createVaultKeys } from '../../source/credentials/vault-keys.ts';
import type { Protection } from '../../source/credentials/open-vault.ts';
import type { VaultPaths } from '../../source/credentials/vault-files.ts';
import { createVault } from '../../source/credentials/vault.ts';
import { Secret } from '../../source/shared/secret.ts';
import { cheapKey } from '../kit/cheap-key.ts';
import { inRun } from '../kit/long-run.ts';
import { vaultOfVersion1 } from '../kit/vault-version-1.ts';

const root = mkdtempSync(join(tmpdir(), 'ccr-access-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
let folder = '';
let paths: VaultPaths = { vault: '', vaultKey: '' };
let warnings: string[] = [];
beforeEach(() => {
  folder = join(root, `${(count += 1)}`);
  paths = { vault: join(folder, 'vault'), vaultKey: join(folder, 'vault.key') };
  warnings = [];
});

/** A process of its own, as far as keys in memory go. */
const vaultOf = (passphrase: string | null = null) =>
  createVault(paths, {
    keys: createVaultKeys({
      passphrase: { atHand: () => (passphrase === null ? null : new Secret(passphrase)) },
      derive: cheapKey,
    }),
    onWarning: (text) => warnings.push(text),
  });
const by = (text: string): Protection => ({
  kind: 'passphrase',
  passphrase: new Secret(text),
  kdf: 'scrypt',
});
const bytes = (): string => readFileSync(paths.vault, 'hex');
const keptAs = async (passphrase: string | null) => (await vaultOf(passphrase).get('account/a'))?.reveal();

describe('a vault with a passphrase', () => {
  test('is made by the first secret when a passphrase is at hand, and has no key file', async () => {
    await vaultOf('open sesame').set('account/a', new Secret('one'));
    expect(existsSync(paths.vaultKey)).toBe(false);
    expect(await keptAs('open sesame')).toBe('one');
    expect(vaultOf().state()).toBe('locked');
    await expect(vaultOf().get('account/a')).rejects.toMatchObject({ code: 'vault_locked', exitCode: 69 });
  });

  test('tells a wrong passphrase from damage, and is left as it is by both', async () => {
    await vaultOf('open sesame').set('account/a', new Secret('one'));
    const before = bytes();
    const wrong = { code: 'wrong_passphrase', message: 'the passphrase is wrong' };
    await expect(vaultOf('guess').get('account/a')).rejects.toMatchObject(wrong);
    await expect(vaultOf('guess').set('account/b', new Secret('two'))).rejects.toMatchObject(wrong);
    await expect(vaultOf('guess').delete('account/a')).rejects.toMatchObject(wrong);
    await expect(vaultOf().unlock(new Secret('guess'))).rejects.toMatchObject(wrong);
    expect(bytes()).toBe(before);
    for (const at of inRun(
      [20, 30, 50, 70, 100, 110, 120, 126, 140],
      [...Buffer.from(before, 'hex').keys()],
    )) {
      if (at === 8) continue;
      const damaged = Buffer.from(before, 'hex');
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      writeFileSync(paths.vault, damaged, { mode: 0o600 });
      await expect(vaultOf('open sesame').set('account/b', new Secret('x'))).rejects.toMatchObject({
        code: 'vault_damaged',
      });
      expect(bytes()).toBe(damaged.toString('hex'));
    }
  });

  test('stays open in a process that unlocked it, and in no other', async () => {
    await vaultOf().init(by('open sesame'));
    const vault = vaultOf();
    await expect(vault.set('account/a', new Secret('one'))).rejects.toMatchObject({ code: 'vault_locked' });
    await vault.unlock(new Secret('open sesame'));
    await vault.set('account/a', new Secret('one'));
    expect([vault.state(), vaultOf().state()]).toEqual(['passphrase', 'locked']);
    expect((await vault.get('account/a'))?.reveal()).toBe('one');
  });

  test('can be given another one: the old one opens neither it nor its backup', async () => {
    await vaultOf('old').set('account/a', new Secret('one'));
    const vault = vaultOf('old');
    await vault.protect(by('new'));
    expect((await vault.get('account/a'))?.reveal()).toBe('one');
    expect(await keptAs('new')).toBe('one');
    await expect(keptAs('old')).rejects.toMatchObject({ code: 'wrong_passphrase' });
    copyFileSync(`${paths.vault}.bak`, paths.vault);
    await expect(keptAs('old')).rejects.toMatchObject({ code: 'wrong_passphrase' });
    expect(await keptAs('new')).toBe('one');
  });

  test('can take the place of a key file, which is gone then, and the other way round', async () => {
    await vaultOf().set('account/a', new Secret('one'));
    expect(vaultOf().state()).toBe('key-file');
    await vaultOf().protect(by('new'));
    expect(existsSync(paths.vaultKey)).toBe(false);
    expect(await keptAs('new')).toBe('one');
    await vaultOf('new').protect({ kind: 'key-file' });
    expect(await keptAs(null)).toBe('one');
    await expect(vaultOf().protect({ kind: 'key-file' })).rejects.toThrow('no passphrase');
    await expect(vaultOf().unlock(new Secret('new'))).rejects.toThrow('no passphrase');
  });
});

describe('a vault of either kind', () => {
  test.each([[null], ['word']])('can be made empty, once (%j)', async (passphrase) => {
    const protection: Protection = passphrase === null ? { kind: 'key-file' } : by(passphrase);
    expect(vaultOf().state()).toBe('none');
    for (const act of ['rotate', 'protect'] as const) {
      await expect(vaultOf()[act](protection)).rejects.toThrow('there is no vault yet');
    }
    await vaultOf().init(protection);
    const before = bytes();
    await expect(vaultOf().init(protection)).rejects.toThrow('there is a vault already');
    expect(bytes()).toBe(before);
    await vaultOf(passphrase).set('account/a', new Secret('one'));
    expect(await keptAs(passphrase)).toBe('one');
  });

  test('is made over a key that a killed process has left without its vault', async () => {
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(paths.vaultKey, randomBytes(32), { mode: 0o600 });
    expect(vaultOf().state()).toBe('none');
    await vaultOf().init({ kind: 'key-file' });
    await vaultOf().set('account/a', new Secret('one'));
    expect(await keptAs(null)).toBe('one');
  });

  test.each([[null], ['word']])('is encrypted with a new key when asked for (%j)', async (passphrase) => {
    await vaultOf(passphrase).set('account/a', new Secret('one'));
    const before = bytes();
    await vaultOf(passphrase).rotate();
    const wrapOf = (hex: string): string => hex.slice(48 * 2, 108 * 2);
    expect(wrapOf(bytes())).not.toBe(wrapOf(before));
    expect(readFileSync(`${paths.vault}.bak`, 'hex')).toBe(bytes());
    expect(await keptAs(passphrase)).toBe('one');
  });

  test('keeps its salt and its wrapped key from one write to the next', async () => {
    await vaultOf().set('account/a', new Secret('one'));
    const before = bytes();
    await vaultOf().set('account/b', new Secret('two'));
    expect(bytes().slice(0, 108 * 2)).toBe(before.slice(0, 108 * 2));
  });

  test('of version 1 becomes one of version 2 with its next write, and loses nothing', async () => {
    mkdirSync(folder, { mode: 0o700 });
    const key = randomBytes(32);
    const vault = vaultOfVersion1(key, 9, new Map([['account/a', 'one']]));
    writeFileSync(paths.vaultKey, key, { mode: 0o600 });
    writeFileSync(paths.vault, vault, { mode: 0o600 });
    expect(await keptAs(null)).toBe('one');
    await vaultOf().set('account/b', new Secret('two'));
    expect(readFileSync(paths.vault).readUInt8(8)).toBe(2);
    expect(readFileSync(paths.vault).readUInt32BE(108)).toBe(10);
    expect(readFileSync(paths.vaultKey).equals(key)).toBe(true);
    expect(await keptAs(null)).toBe('one');
    expect(warnings).toEqual([]);
    copyFileSync(`${paths.vault}.bak`, paths.vault);
    expect(await keptAs(null)).toBe('one');
    expect(warnings).toEqual([expect.stringContaining('is older than it was (write 9, after write 10)')]);
  });
});

describe('a vault that is older than it was', () => {
  test('is told of, by the process that knew it and by the next one, and works', async () => {
    const vault = vaultOf();
    await vault.set('account/a', new Secret('one'));
    const old = readFileSync(paths.vault);
    await vault.set('account/a', new Secret('two'));
    expect(warnings).toEqual([]);
    writeFileSync(paths.vault, old, { mode: 0o600 });
    expect((await vault.get('account/a'))?.reveal()).toBe('one');
    await vault.get('account/a');
    expect(warnings).toEqual([expect.stringContaining('is older than it was (write 1, after write 2)')]);
    expect(await keptAs(null)).toBe('one');
    expect(warnings).toHaveLength(2);
    await vaultOf().set('account/b', new Secret('three'));
    const told = warnings.length;
    expect(await keptAs(null)).toBe('one');
    expect(warnings).toHaveLength(told);
  });

  test('is not what a reader sees while another process writes', async () => {
    const body = `
      const { createVault } = await import(${JSON.stringify(new URL('../../source/credentials/vault.ts', import.meta.url).href)});
      const { Secret } = await import(${JSON.stringify(new URL('../../source/shared/secret.ts', import.meta.url).href)});
      const vault = createVault(${JSON.stringify(paths)});
      for (let n = 0; n < 60; n += 1) await vault.set('account/a', new Secret(String(n)));`;
    const writer = spawn(process.execPath, ['--input-type=module', '-e', body], { stdio: 'inherit' });
    const state = { over: false };
    const ended = once(writer, 'exit').then(() => (state.over = true));
    const reader = vaultOf();
    while (!state.over) {
      for (let n = 0; n < 50; n += 1) await reader.get('account/a');
      await new Promise((done) => setImmediate(done));
    }
    await ended;
    expect((await reader.get('account/a'))?.reveal()).toBe('59');
    expect(warnings).toEqual([]);
  }, 60_000);

  test('is not told of where another vault has taken its place', async () => {
    for (const secret of ['one', 'two', 'three']) await vaultOf().set('account/a', new Secret(secret));
    for (const file of [paths.vault, paths.vaultKey, `${paths.vault}.bak`]) rmSync(file);
    await vaultOf().set('account/a', new Secret('new'));
    expect(await keptAs(null)).toBe('new');
    expect(warnings).toEqual([]);
  });
});

test('with the slow derivation, a damaged vault is told from a wrong passphrase all the same', async () => {
  const slow = () => createVault(paths);
  const opened = createVault(paths, {
    keys: createVaultKeys({ passphrase: { atHand: () => new Secret('open sesame') } }),
  });
  await opened.set('account/a', new Secret('one'));
  const good = readFileSync(paths.vault);
  for (let round = 0; round < inRun(1, 10); round += 1) {
    const bytes = Buffer.from(good);
    const at = 24 + ((round * 37) % (bytes.length - 24));
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(paths.vault, bytes, { mode: 0o600 });
    const again = createVault(paths, {
      keys: createVaultKeys({ passphrase: { atHand: () => new Secret('open sesame') } }),
    });
    await expect(again.set('account/b', new Secret('two'))).rejects.toMatchObject({ code: 'vault_damaged' });
    expect(readFileSync(paths.vault).equals(bytes)).toBe(true);
  }
  writeFileSync(paths.vault, good, { mode: 0o600 });
  await expect(slow().get('account/a')).rejects.toMatchObject({ code: 'vault_locked' });
}, 60_000);
