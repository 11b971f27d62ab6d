import { cpSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resolvePaths } from '../../source/config/paths.ts';
import { loadSettings } from '../../source/config/settings.ts';
import { createSecretKeeper } from '../../source/credentials/secret-keeper.ts';
import { useCommandHome } from '../kit/command-home.ts';
import { inRun } from '../kit/long-run.ts';
import { temporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';
import { killAtStep } from './kill-at-step.ts';

const home = useCommandHome({ inPlace: true });
let elsewhere: TemporaryHome | null = null;
beforeEach(async () => {
  elsewhere = await temporaryHome();
});
afterEach(() => elsewhere?.remove());
const inOther = (name: string): string => join(elsewhere?.path ?? '', name);

it('says in its own words where no backup can be written', async () => {
  const long = 'x'.repeat(300);
  const link = inOther('loop');
  symlinkSync(link, link);
  for (const [name, code] of [
    [long, 'ENAMETOOLONG'],
    [join('none', 'backup'), 'ENOENT'],
    [join('loop', 'backup'), 'ELOOP'],
  ] as const) {
    expect(await home.run(['backup', inOther(name)], 'correct horse\n')).toMatchObject({
      code: 1,
      stderr: `ccr-tui: cannot write ${inOther(name)} (${code}); name another place\n`,
    });
  }
});

it('brings settings, accounts, named secrets and client keys into another home, and nothing without its passphrase', async () => {
  const file = inOther('backup');
  await home.run(['config', 'set', 'drainMs', '1234']);
  await home.addAccount('work');
  await home.run(['secret', 'set', 'RELAY'], 'marker-by-name\n');
  await home.run(['key', 'create', 'laptop']);
  expect(await home.run(['backup', file], 'correct horse\n')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('1 account and 3 secrets, encrypted'),
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'latin1')).not.toMatch(/key-of-work|marker|relay/i);
  const before = readFileSync(file);
  expect(await home.run(['backup', file], 'correct horse\n')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is there already'),
  });
  symlinkSync(inOther('target'), inOther('link'));
  expect(await home.run(['backup', inOther('link')], 'correct horse\n')).toMatchObject({ code: 1 });
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(readdirSync(inOther('')).toSorted()).toEqual(['backup', 'link']);

  const other = { CCR_TUI_HOME: inOther('home') };
  expect(await home.run(['restore', file], 'wrong\n', other)).toMatchObject({
    code: 69,
    stderr: expect.stringContaining('the passphrase is wrong'),
  });
  expect(await home.run(['restore', file], 'correct horse\n', other)).toMatchObject({
    code: 0,
    stdout: `restored 1 account from ${file}\n`,
  });
  const { stdout } = await home.run(['secret', 'get', 'RELAY', '--reveal'], '', other);
  expect(stdout).toContain('marker-by-name');
  const config = readFileSync(join(inOther('home'), 'config.json'), 'utf8');
  expect(JSON.parse(config)).toMatchObject({
    drainMs: 1234,
    accounts: [{ name: 'work', store: 'vault' }],
    clientKeys: [{ name: 'laptop' }],
  });
}, 60_000);

it('does not replace a home that is in use unless it is told to, nor under a running instance', async () => {
  const file = inOther('backup');
  await home.addAccount('old');
  await home.run(['backup', file], 'correct horse\n');
  await home.run(['account', 'remove', 'old']);
  await home.addAccount('new');
  const before = home.snapshot();
  expect(await home.run(['restore', file], 'correct horse\n')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('add --force'),
  });
  expect(home.snapshot()).toBe(before);
  const { program } = await home.serve();
  expect(await home.run(['restore', file, '--force'], 'correct horse\n')).toMatchObject({ code: 75 });
  program.signal('SIGTERM');
  await program.exit;
  expect(await home.run(['restore', file, '--force'], 'correct horse\n')).toMatchObject({ code: 0 });
  expect(await home.json(['account', 'list'])).toMatchObject([{ name: 'old', state: 'ready' }]);
  expect(home.read('config.json.before-restore')).toContain('"new"');
}, 60_000);

it('killed at any step of a restore, every account that the settings name has its secret', async () => {
  const file = inOther('backup');
  await home.addAccount('old');
  await home.run(['backup', file], 'correct horse\n');
  await home.run(['account', 'remove', 'old']);
  await home.addAccount('new');
  const restoreIn = async (step: number) => {
    const copy = inOther(`home-${step}`);
    cpSync(home.path, copy, { recursive: true });
    const env = { CCR_TUI_HOME: copy, CCR_TUI_CREDENTIAL_STORE: 'vault', NODE_OPTIONS: killAtStep(step) };
    const { signal, code } = await home.run(['restore', file, '--force'], 'correct horse\n', env);
    const paths = resolvePaths({ CCR_TUI_HOME: copy });
    const { accounts } = loadSettings({ paths, env: {} });
    const keeper = createSecretKeeper({ paths, preference: 'vault' });
    const secrets = await Promise.all(accounts.map(({ id, store }) => keeper.get(id, store)));
    const names = accounts.map(({ name }, index) => `${name} ${secrets[index]?.reveal().split(' ')[1]}`);
    rmSync(copy, { recursive: true });
    return { isOver: signal === null && code === 0, names };
  };
  const seen = new Set<string>();
  let isOver = false;
  for (let step = inRun(20, 1); !isOver; step += inRun(80, 1)) {
    const { isOver: ended, names } = await restoreIn(step);
    seen.add(names.join());
    isOver = ended;
  }
  expect([...seen].toSorted()).toEqual(['new key-of-new', 'old key-of-old']);
}, 600_000);
