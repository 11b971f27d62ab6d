import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createKeychain } from '../../source/credentials/keychain.ts';
import { createVault } from '../../source/credentials/vault.ts';
import { instanceOf, onThisMachine, shows } from './at-screen.ts';
import { ask, keyOf, sdkFor, unlimited, until, useWorld } from './world.ts';

const world = useWorld({ CCR_TUI_CREDENTIAL_STORE: undefined });
// Nobody answers there.
const absent = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent' };

type Status = {
  ready: number;
  credentialStore: string;
  accounts: { name: string; state: string; reason: string | null }[];
};

beforeAll(() => {
  // A missing keyring is a failure: a skipped keychain test looks like a passed one.
  if (process.env['CCR_TEST_KEYRING'] !== '1') {
    throw new Error('run these tests through test/kit/with-keyring.sh');
  }
});

const idOf = async (name: string): Promise<string> => {
  const [accounts] = await world.json<{ id: string; name: string }[]>(['account', 'list']);
  return accounts!.find((account) => account.name === name)!.id;
};

/** What lies in the keychain of the system for that account, read past the program. */
const stored = async (id: string): Promise<string | null> => {
  const secret = await createKeychain().get(`account/${id}`);
  return secret?.reveal() ?? null;
};

describe('the keychain of the system', () => {
  it('keeps the secret; serve serves from it, remove removes it, no file has it', async () => {
    const upstream = await world.provider({ work: unlimited });
    const added = await world.add('work', upstream);
    expect(added).toMatchObject({ code: 0, stderr: '' });
    const id = await idOf('work');
    expect(await stored(id)).toContain(keyOf('work'));
    expect(existsSync(join(world.home, 'vault'))).toBe(false);
    expect(readFileSync(join(world.home, 'config.json'), 'utf8')).not.toContain(keyOf('work'));

    const { url } = await world.serve();
    await sdkFor(url).messages.create(ask('from the keychain'));
    expect(upstream.truth()).toMatchObject({ work: { served: 1 } });
    expect(await world.json<Status>(['status'])).toMatchObject([{ ready: 1, credentialStore: 'keychain' }]);

    // The running instance removes it.
    expect(await world.run(['account', 'remove', 'work'])).toMatchObject({ code: 0 });
    expect(await stored(id)).toBeNull();
  });

  it('is written by the running instance and cleared by a command alone, just the same', async () => {
    const upstream = await world.provider({ work: unlimited });
    const { url, program } = await world.serve();
    await world.add('work', upstream);
    await sdkFor(url).messages.create(ask('added while it serves'));
    const id = await idOf('work');
    expect(await stored(id)).toContain(keyOf('work'));
    program.signal('SIGTERM');
    await program.exit;
    expect(await world.run(['account', 'remove', 'work'])).toMatchObject({ code: 0, stderr: '' });
    expect(await stored(id)).toBeNull();
  });

  it('gives everything to the vault and takes it back, by the running instance and by a command alone', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const id = await idOf('work');
    const { url, program } = await world.serve();
    expect(await world.run(['vault', 'move', '--to', 'vault'])).toMatchObject({
      code: 0,
      stdout: 'moved to the encrypted vault: the secrets of 1 account\n',
      stderr: '',
    });
    expect(await stored(id)).toBeNull();
    await sdkFor(url).messages.create(ask('from the vault by now'));
    program.signal('SIGTERM');
    await program.exit;
    expect(await world.run(['vault', 'move', '--to', 'keychain', '--json'])).toMatchObject({ code: 0 });
    expect(await stored(id)).toContain(keyOf('work'));
    const again = await world.serve();
    await sdkFor(again.url).messages.create(ask('from the keychain again'));
    expect(upstream.truth()).toMatchObject({ work: { served: 2 } });
  });

  it('absent at the start: its account is in state error and says why, the others serve', async () => {
    const upstream = await world.provider({ locked: unlimited, free: unlimited });
    await world.add('locked', upstream, '--priority', '1');
    const removed = await idOf('locked');
    await world.run(['config', 'set', 'credentialStore', 'vault']);
    await world.add('free', upstream, '--priority', '2');
    const { url } = await world.serve([], absent);
    const [status] = await until(
      () => world.json<Status>(['status']),
      ([seen]) => seen!.accounts.some(({ state }) => state === 'error'),
    );
    expect(status).toMatchObject({
      ready: 1,
      accounts: [
        { name: 'locked', state: 'error', reason: expect.stringMatching(/keychain/) },
        { name: 'free', state: 'ready', reason: null },
      ],
    });
    for (let n = 0; n < 3; n += 1) {
      const { response } = await sdkFor(url)
        .messages.create(ask(`n${n}`))
        .withResponse();
      expect(response.headers.get('x-ccr-account')).toBe('free');
    }
    expect(upstream.truth()).toMatchObject({ locked: { served: 0, refused: 0 }, free: { served: 3 } });
    // No second copy, which would go its own way: the one in the keychain is the only one.
    const [vault, vaultKey] = [join(world.home, 'vault'), join(world.home, 'vault.key')];
    expect(await createVault({ vault, vaultKey }).list('account/')).toEqual([
      `account/${await idOf('free')}`,
    ]);
    expect(await stored(removed)).toContain(keyOf('locked'));
    await createKeychain().delete(`account/${removed}`);
  });

  it('locked: the same, and nobody is told to throw the secret away', () => {
    // On a bus of its own: locking the one of this test run would lock out the tests beside.
    const harness = join(import.meta.dirname, '..', 'kit', 'with-keyring.sh');
    const script = join(import.meta.dirname, 'locked-keyring.ts');
    const ran = spawnSync('bash', [harness, process.execPath, script], { encoding: 'utf8', timeout: 55_000 });
    const said = ran.stdout.trim().split('\n').at(-1) ?? '';
    expect(JSON.parse(said === '' ? JSON.stringify(ran.stderr) : said)).toEqual({
      locked: {
        name: 'locked',
        state: 'error',
        reason: expect.stringMatching(/keychain.*unlock/),
      },
      free: { name: 'free', state: 'ready', reason: null },
      servedBy: 'free',
      stopped: 0,
    });
  });

  it('hung under ten accounts: each says so, another one serves meanwhile, and the screen answers keys at once', async () => {
    const upstream = await world.provider({ free: unlimited });
    await world.run(['config', 'set', 'credentialStore', 'vault']);
    await world.add('free', upstream);
    const path = join(world.home, 'config.json');
    const config = JSON.parse(readFileSync(path, 'utf8')) as { accounts: object[] };
    const hung = Array.from({ length: 10 }, (_, n) => {
      return { ...config.accounts[0], id: `hung-${n}`, name: `hung-${n}`, priority: 1, store: 'keychain' };
    });
    writeFileSync(path, JSON.stringify({ ...config, accounts: [...config.accounts, ...hung] }));
    // A bus that takes connections and says nothing, ever.
    const socket = join(world.home, 'bus');
    const bus = createServer((connection) => connection.on('error', () => undefined)).listen(socket);
    await once(bus, 'listening');
    onTestFinished(() => void bus.close());
    const env = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}` };
    const pty = world.open(['--port', '0'], { env });
    const { url } = await instanceOf(world);
    const waits: number[] = [];
    for (let n = 0; n < 15; n += 1) {
      const { response } = await sdkFor(url)
        .messages.create(ask(`n${n}`))
        .withResponse();
      expect(response.headers.get('x-ccr-account')).toBe('free');
      const start = performance.now();
      pty.send('?');
      await pty.waitFor((lines) => shows('Esc close')(lines) === (n % 2 === 0));
      waits.push(performance.now() - start);
    }
    expect(waits.toSorted((a, b) => a - b)[7]).toBeLessThan(onThisMachine(100));
    const [status] = await until(
      () => world.json<Status>(['status']),
      ([seen]) => seen?.accounts.filter(({ state }) => state === 'error').length === 10,
      15_000,
    );
    const failing = status?.accounts.filter(({ reason }) => reason?.includes('keychain did not answer'));
    expect(failing?.map(({ name }) => name).toSorted()).toEqual(hung.map(({ name }) => name));
    // The help is open.
    pty.send('?');
    pty.send('q');
    expect(await pty.exit).toEqual({ code: 0, signal: 0 });
  }, 60_000);

  it('absent when the first secret comes: the vault takes it, and that is said', async () => {
    const upstream = await world.provider({ work: unlimited });
    const added = await world.run(
      ['account', 'add', 'work', '--base-url', upstream.url],
      `${keyOf('work')}\n`,
      absent,
    );
    expect(added.code).toBe(0);
    expect(added.stderr).toMatch(/^ccr-tui: .*vault/m);
    expect(added.stdout + added.stderr).not.toContain(keyOf('work'));
    expect(readFileSync(join(world.home, 'vault')).includes(keyOf('work'))).toBe(false);
    const { url } = await world.serve([], absent);
    await sdkFor(url).messages.create(ask('from the vault'));
    expect(upstream.truth()).toMatchObject({ work: { served: 1 } });
  });

  it('demanded but absent: exit 69, and no record is left', async () => {
    const upstream = await world.provider({ work: unlimited });
    const added = await world.run(
      ['account', 'add', 'work', '--base-url', upstream.url],
      `${keyOf('work')}\n`,
      { ...absent, CCR_TUI_CREDENTIAL_STORE: 'keychain' },
    );
    expect(added).toMatchObject({ code: 69, stdout: '' });
    expect(added.stderr).toMatch(/^ccr-tui: [^\n]*keychain[^\n]*\n$/);
    expect(await world.json(['account', 'list'])).toEqual([[]]);
  });
});
