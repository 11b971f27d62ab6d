import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { VaultPaths } from '../../source/credentials/vault-files.ts';
import { createVault } from '../../source/credentials/vault.ts';
import { CcrError } from '../../source/shared/errors.ts';
import { Secret } from '../../source/shared/secret.ts';
import { killedWriter } from '../kit/killed-writer.ts';
import { inRun } from '../kit/long-run.ts';

const root = mkdtempSync(join(tmpdir(), 'ccr-vault-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const sourceOf = (path: string): string =>
  pathToFileURL(resolve(import.meta.dirname, '../../source', path)).href;

let count = 0;
let folder = '';
let paths: VaultPaths = { vault: '', vaultKey: '' };
beforeEach(() => {
  folder = join(root, `${(count += 1)}`);
  paths = { vault: join(folder, 'vault'), vaultKey: join(folder, 'vault.key') };
});

const script = (body: string): string[] => [
  '--input-type=module',
  '-e',
  `const { createVault } = await import(${JSON.stringify(sourceOf('credentials/vault.ts'))});
   const { Secret } = await import(${JSON.stringify(sourceOf('shared/secret.ts'))});
   const vault = createVault(${JSON.stringify(paths)}); ${body}`,
];

const files = (): string[] => readdirSync(folder).toSorted();
const stored = async (key: string): Promise<string | undefined> =>
  (await createVault(paths).get(key))?.reveal();

describe('the vault', () => {
  test('keeps, replaces and forgets secrets; a new one is empty and made by the first secret only', async () => {
    const vault = createVault(paths);
    expect(await vault.get('account/a')).toBeNull();
    expect(readdirSync(root)).not.toContain(String(count));
    await vault.set('account/a', new Secret('one'));
    await vault.set('account/b', new Secret('two'));
    await vault.set('account/a', new Secret('three'));
    expect([await stored('account/a'), await stored('account/b')]).toEqual(['three', 'two']);
    expect(await vault.delete('account/a')).toBe(true);
    expect(await vault.delete('account/a')).toBe(false);
    expect([await stored('account/a'), await stored('account/b')]).toEqual([undefined, 'two']);
    expect(files()).toEqual(['vault', 'vault.bak', 'vault.key', 'vault.seen']);
  });

  test('keeps nothing in plain text, and a deleted secret not even in its backup', async () => {
    const vault = createVault(paths);
    await vault.set('account/a', new Secret('first-secret'));
    await vault.set('account/b', new Secret('second-secret'));
    for (const name of files())
      expect(readFileSync(join(folder, name), 'latin1')).not.toMatch(/secret|account/);
    await vault.delete('account/a');
    rmSync(paths.vault);
    copyFileSync(`${paths.vault}.bak`, paths.vault);
    expect([await stored('account/a'), await stored('account/b')]).toEqual([undefined, 'second-secret']);
  });

  test('has the last good generation as its backup', async () => {
    const vault = createVault(paths);
    await vault.set('account/a', new Secret('one'));
    const before = readFileSync(paths.vault);
    await vault.set('account/a', new Secret('two'));
    expect(readFileSync(`${paths.vault}.bak`).equals(before)).toBe(true);
    writeFileSync(paths.vault, before, { mode: 0o600 });
    expect(await stored('account/a')).toBe('one');
  });

  test('loses nothing to two processes that write at the same time', async () => {
    const body = (side: string): string =>
      `for (let n = 0; n < 40; n += 1) await vault.set('account/${side}' + n, new Secret('${side}' + n));`;
    const writers = ['a', 'b'].map((side) =>
      spawn(process.execPath, script(body(side)), { stdio: 'inherit' }),
    );
    expect(await Promise.all(writers.map(async (writer) => (await once(writer, 'exit'))[0]))).toEqual([0, 0]);
    const vault = createVault(paths);
    for (const side of ['a', 'b']) {
      for (let n = 0; n < 40; n += 1)
        expect((await vault.get(`account/${side}${n}`))?.reveal()).toBe(`${side}${n}`);
    }
    expect(files()).toEqual(['vault', 'vault.bak', 'vault.key', 'vault.seen']);
  }, 60_000);

  test.each(['000', '022', '077'])('is private under the umask %s', (umask) => {
    execFileSync(
      process.execPath,
      script(
        `process.umask(0o${umask}); await vault.set('account/a', new Secret('x')); await vault.set('account/a', new Secret('y'));`,
      ),
    );
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of files()) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  test(
    'killed at any moment, is whole, holds what was acknowledged, and can be written again',
    async () => {
      for (let round = 0; round < inRun(4, 50); round += 1) {
        const body = `for (let n = 1; ; n += 1) { await vault.set('account/n', new Secret(String(n))); console.log(n); }`;
        const last = await killedWriter(script(body), 2 + (round % 8));
        expect([`${last}`, `${last + 1}`]).toContain(await stored('account/n'));
      }
      await createVault(paths).set('account/m', new Secret('m'));
      expect(files()).toEqual(['vault', 'vault.bak', 'vault.key', 'vault.seen']);
    },
    inRun(60_000, 480_000),
  );
});

describe('a vault that cannot be opened', () => {
  /** What every way of using the vault ends with, and whether any file changed by it. */
  const use = async () => {
    const read = () => files().map((name) => [name, readFileSync(join(folder, name), 'latin1')]);
    const before = read();
    const vault = createVault(paths);
    const attempts = [
      () => vault.get('account/a'),
      () => vault.set('account/c', new Secret('new')),
      () => vault.delete('account/a'),
    ];
    const codes: unknown[] = [];
    for (const attempt of attempts) {
      codes.push(
        await attempt().then(
          () => 'done',
          (error: unknown) => (error instanceof CcrError ? error.code : error),
        ),
      );
    }
    return { codes, changed: JSON.stringify(read()) !== JSON.stringify(before) };
  };
  const damaged = { codes: ['vault_damaged', 'vault_damaged', 'vault_damaged'], changed: false };

  beforeEach(async () => {
    await createVault(paths).set('account/a', new Secret('one'));
    await createVault(paths).set('account/b', new Secret('two'));
  });

  test('because a byte was changed is damaged and never overwritten, whichever byte it is', async () => {
    const good = readFileSync(paths.vault);
    for (let at = 0; at < good.length; at += 1) {
      const bytes = Buffer.from(good);
      bytes[at] = (bytes[at] ?? 0) ^ 0x20;
      writeFileSync(paths.vault, bytes);
      expect(await use()).toEqual(damaged);
    }
    writeFileSync(paths.vault, good);
    expect(await stored('account/a')).toBe('one');
  });

  test('because it was cut is damaged and never overwritten, wherever it was cut', async () => {
    const good = readFileSync(paths.vault);
    for (let length = 0; length < good.length; length += inRun(3, 1)) {
      writeFileSync(paths.vault, good.subarray(0, length));
      expect(await use()).toEqual(damaged);
    }
  });

  test('because its tag was cut to a length that could be guessed is damaged and never overwritten', async () => {
    const good = readFileSync(paths.vault);
    for (const length of [4, 8, 12]) {
      writeFileSync(paths.vault, good.subarray(0, good.length - 16 + length));
      expect(await use()).toEqual(damaged);
    }
  });

  test('because it was written by a newer version says that, and is never overwritten', async () => {
    const bytes = readFileSync(paths.vault);
    bytes[8] = 99;
    writeFileSync(paths.vault, bytes);
    expect(await use()).toEqual(damaged);
    await expect(createVault(paths).get('account/a')).rejects.toMatchObject({
      message: `the vault ${paths.vault} was written by a newer version of ccr-tui`,
      hint: 'it was left as it is; update ccr-tui',
    });
  });

  test('because its head asks for a gigabyte and more is damaged, and nothing of it is spent', async () => {
    const bytes = readFileSync(paths.vault);
    bytes[10] = 1;
    for (const [index, value] of [2 ** 30, 8, 1].entries()) bytes.writeUInt32BE(value, 12 + 4 * index);
    createHash('sha256').update(bytes.subarray(0, 124)).digest().copy(bytes, 124, 0, 8);
    writeFileSync(paths.vault, bytes);
    const before = process.memoryUsage().rss;
    expect(await use()).toEqual(damaged);
    await expect(createVault(paths).get('account/a')).rejects.toThrow('scrypt N=1073741824 r=8 p=1');
    expect(process.memoryUsage().rss - before).toBeLessThan(20 * 1024 * 1024);
  });

  test('because its key is gone, cut or another one is damaged, and no new key is made', async () => {
    const key = readFileSync(paths.vaultKey);
    for (const wrong of [Buffer.alloc(0), key.subarray(1), Buffer.alloc(32)]) {
      writeFileSync(paths.vaultKey, wrong);
      expect(await use()).toEqual(damaged);
    }
    rmSync(paths.vaultKey);
    expect(await use()).toEqual(damaged);
  });

  test('because it is gone is damaged while its backup tells that it was there', async () => {
    rmSync(paths.vault);
    expect(await use()).toEqual(damaged);
    copyFileSync(`${paths.vault}.bak`, paths.vault);
    expect(await stored('account/a')).toBe('one');
  });

  test('names no secret in its error and says how to go on', async () => {
    writeFileSync(paths.vault, 'x');
    const error: unknown = await createVault(paths)
      .get('account/a')
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      message: `the vault ${paths.vault} cannot be opened: it is cut short`,
      hint: expect.stringContaining('vault.bak'),
    });
  });
});

describe('refused, and left as it is', () => {
  beforeEach(() => createVault(paths).set('account/a', new Secret('one')));

  test.each(['vault', 'vault.key'])('a link in place of %s', async (name) => {
    const path = join(folder, name);
    const elsewhere = join(root, `elsewhere-${count}`);
    copyFileSync(path, elsewhere);
    rmSync(path);
    symlinkSync(elsewhere, path);
    const bytes = readFileSync(elsewhere, 'latin1');
    const refusal = { code: 'store_unavailable', message: `${path} is a symbolic link` };
    await expect(createVault(paths).get('account/a')).rejects.toMatchObject(refusal);
    await expect(createVault(paths).set('account/a', new Secret('two'))).rejects.toMatchObject(refusal);
    expect(readFileSync(elsewhere, 'latin1')).toBe(bytes);
  });

  test.each(['vault', 'vault.key'])(
    '%s with a second name, through which others may change it',
    async (name) => {
      const path = join(folder, name);
      linkSync(path, join(root, `second-${name}-${count}`));
      await expect(createVault(paths).get('account/a')).rejects.toMatchObject({
        code: 'store_unavailable',
        message: `${path} has a second name (a hard link)`,
      });
      await expect(createVault(paths).set('account/a', new Secret('x'))).rejects.toThrow('second name');
    },
  );

  test.each(['vault', 'vault.key'])('%s that others can read', async (name) => {
    const path = join(folder, name);
    chmodSync(path, 0o644);
    await expect(createVault(paths).get('account/a')).rejects.toMatchObject({
      code: 'store_unavailable',
      hint: `close it: chmod 600 ${path}`,
    });
  });

  test('a FIFO or a folder in place of the vault, without waiting for it', async () => {
    rmSync(paths.vault);
    execFileSync('mkfifo', ['-m', '600', paths.vault]);
    await expect(createVault(paths).get('account/a')).rejects.toMatchObject({ code: 'store_unavailable' });
    rmSync(paths.vault);
    mkdirSync(paths.vault);
    await expect(createVault(paths).set('account/a', new Secret('x'))).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });

  test('a folder that is a link', async () => {
    const link = join(root, `link-${count}`);
    symlinkSync(folder, link);
    const linked = createVault({ vault: join(link, 'vault'), vaultKey: join(link, 'vault.key') });
    await expect(linked.set('account/b', new Secret('x'))).rejects.toThrow(/is a symbolic link/);
  });
});
