import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeychain } from '../../source/credentials/keychain.ts';
import { Secret } from '../../source/shared/secret.ts';

const service = `ccr-tui-test-${process.pid}`;
// A person would wait for three seconds: in a test that is what a busy machine may take to start the process.
const keychain = createKeychain({ service, timeoutMs: 15_000 });
const key = 'account/real';
const sourceOf = (path: string): string =>
  pathToFileURL(resolve(import.meta.dirname, '../../source', path)).href;
const harness = resolve(import.meta.dirname, '../kit/with-keyring.sh');

/** Runs a module in its own process with `createKeychain` and `Secret` in scope; what it prints. */
const script = (body: string): string[] => [
  '--input-type=module',
  '-e',
  `const { createKeychain } = await import(${JSON.stringify(sourceOf('credentials/keychain.ts'))});
   const { Secret } = await import(${JSON.stringify(sourceOf('shared/secret.ts'))});
   const say = (error) => console.log(JSON.stringify({ code: error.code, message: error.message, hint: error.hint }));
   ${body}`,
];

beforeAll(() => {
  // A missing keyring is a failure: a skipped keychain test looks like a passed one.
  if (process.env.CCR_TEST_KEYRING !== '1')
    throw new Error('run these tests through test/kit/with-keyring.sh');
});

afterAll(async () => {
  if (process.env.CCR_TEST_KEYRING === '1') await keychain.delete(key);
});

describe('the real keychain', () => {
  test('keeps, replaces and forgets a secret', async () => {
    const own = 'account/own';
    expect(await keychain.get(own)).toBeNull();
    await keychain.set(own, new Secret('one'));
    await keychain.set(own, new Secret('two'));
    expect((await keychain.get(own))?.reveal()).toBe('two');
    expect(await keychain.delete(own)).toBe(true);
    expect(await keychain.delete(own)).toBe(false);
    expect(await keychain.get(own)).toBeNull();
  });

  test.each(['with "quotes" \\ and ümläut 🎉', 'nul\u0000inside', ' spaces ', 'x'.repeat(2300)])(
    'gives back %j exactly',
    async (text) => {
      await keychain.set(key, new Secret(text));
      expect((await keychain.get(key))?.reveal()).toBe(text);
    },
  );

  test('answers to another process, and entries of other services stay apart', async () => {
    await keychain.set(key, new Secret('shared'));
    const read = (name: string): string =>
      execFileSync(
        process.execPath,
        script(
          `const secret = await createKeychain({ service: ${JSON.stringify(name)}, timeoutMs: 15_000 }).get('account/real'); console.log(secret === null ? 'none' : secret.reveal());`,
        ),
        { encoding: 'utf8' },
      ).trim();
    expect(read(service)).toBe('shared');
    expect(read(`${service}-other`)).toBe('none');
  });

  test('works from many calls at once', async () => {
    const keys = Array.from({ length: 20 }, (_, n) => `account/many-${n}`);
    await Promise.all(keys.map((each) => keychain.set(each, new Secret(each))));
    const read = await Promise.all(keys.map((each) => keychain.get(each)));
    expect(read.map((secret) => secret?.reveal())).toEqual(keys);
    await Promise.all(keys.map((each) => keychain.delete(each)));
  });

  test('refuses a secret that Windows could not keep, without a word of it', async () => {
    const error: unknown = await keychain
      .set(key, new Secret('z'.repeat(2400)))
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'bad_secret' });
    expect(JSON.stringify(error) + String(error)).not.toContain('zz');
  });

  test('says that it is locked when it is', () => {
    const body = `
      const { execFileSync } = await import('node:child_process');
      const keychain = createKeychain({ timeoutMs: 15_000 });
      await keychain.set('account/a', new Secret('one'));
      execFileSync('dbus-send', ['--session', '--print-reply', '--dest=org.freedesktop.secrets', '/org/freedesktop/secrets',
        'org.freedesktop.Secret.Service.Lock', 'array:objpath:/org/freedesktop/secrets/collection/login'], { stdio: 'ignore' });
      await keychain.set('account/b', new Secret('two')).catch(say);
      await keychain.get('account/b').then((secret) => console.log(secret === null ? 'none' : 'some'), say);`;
    const result = spawnSync('bash', [harness, process.execPath, ...script(body)], { encoding: 'utf8' });
    const [first = '', second] = result.stdout.trim().split('\n');
    expect(JSON.parse(first)).toMatchObject({ code: 'store_unavailable', message: 'the keychain is locked' });
    expect(second).toBe('none');
  });
});

describe('entries that are not ours', () => {
  test.each(['plain text', '{"version":1}', '{"version":1,"secret":""}', '[1]', 'null'])(
    'such as %j are never taken for a secret',
    async (entry) => {
      const { default: keytar } = await import('keytar');
      await keytar.setPassword(service, key, entry);
      await expect(keychain.get(key)).rejects.toMatchObject({
        code: 'store_unavailable',
        message: 'an entry in the keychain is not one of ours',
      });
    },
  );

  test('a keychain that drops what it was given has stored nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ccr-keychain-'));
    const program = join(folder, 'forgetful.mjs');
    writeFileSync(program, `process.on('message', ({ id }) => process.send({ id, ok: true, value: null }));`);
    await expect(
      createKeychain({ program, timeoutMs: 15_000 }).set(key, new Secret('x')),
    ).rejects.toMatchObject({
      message: 'the keychain did not keep the secret',
    });
    rmSync(folder, { recursive: true });
  });
});
