import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
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
import { openDocument } from '../../source/config/document.ts';
import { resolvePaths, type Paths } from '../../source/config/paths.ts';
import { loadSettings } from '../../source/config/settings.ts';
import { CcrError } from '../../source/shared/errors.ts';
import { killedWriter } from '../kit/killed-writer.ts';
import { inRun } from '../kit/long-run.ts';
import { accountRecord } from '../kit/records.ts';

const root = mkdtempSync(join(tmpdir(), 'ccr-document-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const source = pathToFileURL(resolve(import.meta.dirname, '../../source/config/document.ts')).href;

let count = 0;
let paths: Paths;
beforeEach(() => {
  paths = resolvePaths({ CCR_TUI_HOME: join(root, `${(count += 1)}`) });
});

const script = (body: string): string[] => [
  '--input-type=module',
  '-e',
  `const { openDocument } = await import(${JSON.stringify(source)});
   const document = openDocument(${JSON.stringify(paths)}); ${body}`,
];

const load = () => loadSettings({ paths, env: {} });
const text = (): string => readFileSync(paths.config, 'utf8');

test('accounts and keys of clients change together, and no empty list is written', async () => {
  const document = openDocument(paths);
  await document.updateAccounts(() => [accountRecord('work')]);
  const renamed = await document.updateTogether(({ accounts, clientKeys }) => ({
    accounts: accounts.map((each) => ({ ...each, name: 'office' })),
    clientKeys,
  }));
  expect(renamed).toEqual({ accounts: [{ ...accountRecord('work'), name: 'office' }], clientKeys: [] });
  expect(JSON.parse(text())).toEqual({ accounts: [expect.objectContaining({ name: 'office' })] });
  const before = text();
  const broken = document.updateTogether(({ clientKeys }) => ({
    accounts: [accountRecord('a b')],
    clientKeys,
  }));
  await expect(broken).rejects.toMatchObject({ code: 'failed' });
  expect(text()).toBe(before);
});

describe('a change', () => {
  test('is read back, in nested form, and touches nothing else', async () => {
    const document = openDocument(paths);
    expect(await document.set('port', 4280)).toEqual({ restart: true });
    expect(await document.set('timeouts.idleMs', 5)).toEqual({ restart: false });
    await document.updateAccounts((accounts) => [...accounts, accountRecord('work')]);
    expect(JSON.parse(text())).toMatchObject({
      port: 4280,
      timeouts: { idleMs: 5 },
      accounts: [{ name: 'work' }],
    });
    expect(load()).toMatchObject({
      config: { port: 4280, timeouts: { idleMs: 5 } },
      accounts: [accountRecord('work')],
    });
    await document.unset('timeouts.idleMs');
    await document.unset('timeouts.idleMs');
    expect(JSON.parse(text())).toEqual({ port: 4280, accounts: [expect.objectContaining({ name: 'work' })] });
    expect(text().endsWith('}\n')).toBe(true);
    expect(readdirSync(paths.home)).toEqual(['config.json']);
  });

  test('keeps what a person wrote by hand meanwhile', async () => {
    const document = openDocument(paths);
    await document.set('port', 1);
    writeFileSync(paths.config, '{"strategy": "spread", "port": 2}');
    await document.set('drainMs', 3);
    expect(JSON.parse(text())).toEqual({ strategy: 'spread', port: 2, drainMs: 3 });
  });

  test('with a wrong key or value is refused before any file exists', async () => {
    const document = openDocument(paths);
    await expect(document.set('prot', 1)).rejects.toMatchObject({
      code: 'usage',
      hint: 'did you mean port?',
    });
    await expect(document.set('port', '4280')).rejects.toMatchObject({ code: 'usage' });
    await expect(document.set('__proto__.x', 1)).rejects.toMatchObject({ code: 'usage' });
    await expect(document.set('accounts', [])).rejects.toMatchObject({ code: 'usage' });
    await expect(document.unset('nothing')).rejects.toMatchObject({ code: 'usage' });
    expect(readdirSync(root)).not.toContain(String(count));
  });

  test('that throws inside leaves the file alone and the lock free', async () => {
    const document = openDocument(paths);
    await document.set('port', 1);
    const refusal = new CcrError('duplicate_account', 'no');
    await expect(
      document.updateAccounts(() => {
        throw refusal;
      }),
    ).rejects.toBe(refusal);
    await expect(document.updateAccounts(() => [accountRecord('a b')])).rejects.toMatchObject({
      code: 'failed',
    });
    expect(JSON.parse(text())).toEqual({ port: 1 });
    expect(readdirSync(paths.home)).toEqual(['config.json']);
  });
});

test.each([
  '{"port": 41',
  '',
  '\uFEFF{}',
  '[]',
  '{"prot": 1}',
  '{"port": "a"}',
  '\u0000\u0001',
  '{"accounts": [{}]}',
])('the broken file %j is refused and left as it is', async (broken) => {
  mkdirSync(paths.home, { mode: 0o700 });
  writeFileSync(paths.config, broken);
  const document = openDocument(paths);
  await expect(document.set('port', 1)).rejects.toMatchObject({ code: 'invalid_config' });
  await expect(document.updateAccounts(() => [])).rejects.toMatchObject({ code: 'invalid_config' });
  expect(text()).toBe(broken);
  expect(readdirSync(paths.home)).toEqual(['config.json']);
});

test('a link in place of the file or its folder is never written through', async () => {
  mkdirSync(paths.home, { mode: 0o700 });
  const elsewhere = join(root, `elsewhere-${count}.json`);
  writeFileSync(elsewhere, '{}');
  symlinkSync(elsewhere, paths.config);
  await expect(openDocument(paths).set('port', 1)).rejects.toThrow(/is a symbolic link/);
  expect(readFileSync(elsewhere, 'utf8')).toBe('{}');

  const link = join(root, `link-${count}`);
  symlinkSync(root, link);
  const linked = resolvePaths({ CCR_TUI_HOME: link });
  await expect(openDocument(linked).set('port', 1)).rejects.toThrow(/is a symbolic link/);
});

describe('on disk', () => {
  test.each(['000', '022', '077'])('folder and file are private under the umask %s', (umask) => {
    execFileSync(
      process.execPath,
      script(`process.umask(0o${umask}); await document.set('port', 1); await document.set('port', 2);`),
    );
    expect(statSync(paths.home).mode & 0o777).toBe(0o700);
    expect(statSync(paths.config).mode & 0o777).toBe(0o600);
    expect(readdirSync(paths.home)).toEqual(['config.json']);
  });

  test('a file that was readable for others is closed by the next write', async () => {
    mkdirSync(paths.home, { mode: 0o700 });
    writeFileSync(paths.config, '{}', { mode: 0o644 });
    await openDocument(paths).set('port', 1);
    expect(statSync(paths.config).mode & 0o777).toBe(0o600);
  });

  test('a write inside a Snap terminal is as atomic as any other', async () => {
    const document = openDocument(paths);
    await document.set('port', 1);
    const before = statSync(paths.config).ino;
    process.env.SNAP = '/snap/terminal/1';
    try {
      await document.set('port', 2);
      expect(process.env.SNAP).toBe('/snap/terminal/1');
    } finally {
      delete process.env.SNAP;
    }
    // A rename gives the name to another file; a write in place keeps it.
    expect(statSync(paths.config).ino).not.toBe(before);
  });

  test('two processes that write many accounts each lose none', async () => {
    const count = inRun(60, 200);
    const body = (side: string): string => `
      for (let n = 0; n < ${count}; n += 1) {
        const id = '${side}' + n;
        await document.updateAccounts((all) => [...all, { ...${JSON.stringify(accountRecord('x'))}, id, name: id }]);
      }`;
    const writers = ['a', 'b'].map((side) =>
      spawn(process.execPath, script(body(side)), { stdio: 'inherit' }),
    );
    const codes = await Promise.all(writers.map(async (writer) => (await once(writer, 'exit'))[0]));
    expect(codes).toEqual([0, 0]);
    expect(new Set(load().accounts.map(({ name }) => name)).size).toBe(2 * count);
    expect(readdirSync(paths.home)).toEqual(['config.json']);
  }, 240_000);

  test(
    'killed at any moment, the file is whole, holds all that was acknowledged, and can be written again',
    async () => {
      for (let round = 0; round < inRun(4, 50); round += 1) {
        const body = `for (let n = 1; ; n += 1) { await document.set('drainMs', n); console.log(n); }`;
        const last = await killedWriter(script(body), 3 + (round % 8));
        expect([last, last + 1]).toContain(load().config.drainMs);
      }
      await openDocument(paths).set('drainMs', 7);
      expect(readdirSync(paths.home)).toEqual(['config.json']);
    },
    inRun(60_000, 480_000),
  );

  test('leftovers of killed writers are removed by the next one, and nothing else is', async () => {
    mkdirSync(paths.home, { mode: 0o700 });
    for (const name of ['config.json.tmp-1790000000abcdef', 'config.json.bak'])
      writeFileSync(join(paths.home, name), '');
    await openDocument(paths).set('port', 1);
    expect(readdirSync(paths.home).toSorted()).toEqual(['config.json', 'config.json.bak']);
  });
});
