import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { ensureFolder, resolvePaths } from '../../source/config/paths.ts';
import { isLinux, isRoot } from '../kit/needs.ts';

const root = mkdtempSync(join(tmpdir(), 'ccr-paths-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;
const source = pathToFileURL(resolve(import.meta.dirname, '../../source/config/paths.ts')).href;

describe('paths', () => {
  test('lie all under CCR_TUI_HOME when it is set, and nothing is touched', () => {
    const home = join(root, 'untouched');
    const { folders, ...files } = resolvePaths({ CCR_TUI_HOME: home });
    expect(files).toEqual({
      home,
      config: join(home, 'config.json'),
      configLock: join(home, 'config.lock'),
      vault: join(home, 'vault'),
      vaultKey: join(home, 'vault.key'),
      audit: join(home, 'audit.log'),
      journal: join(home, 'journal'),
      emergency: join(home, 'emergency'),
      emergencyKey: join(home, 'emergency.key'),
      history: join(home, 'history.sqlite'),
      receipts: join(home, 'receipts'),
      keyLock: join(home, 'keys.lock'),
      instanceLock: join(home, 'instance.lock'),
      controlSocket: join(home, 'control.sock'),
    });
    expect(folders).toEqual([home]);
    expect(existsSync(home)).toBe(false);
  });

  test('are absolute for a relative home', () => {
    expect(resolvePaths({ CCR_TUI_HOME: 'here' }).home).toBe(resolve('here'));
  });

  test('lie in the folders of the platform for programs otherwise', () => {
    const paths = resolvePaths({ CCR_TUI_HOME: '' });
    for (const path of [paths.config, paths.vault]) expect(path).toContain('ccr-tui');
    expect(paths.config.startsWith(homedir()) || process.env.XDG_CONFIG_HOME !== undefined).toBe(true);
  });

  // The XDG variables mean something on Linux only.
  test.runIf(isLinux())('follow XDG on Linux', () => {
    const script = `const { resolvePaths } = await import(${JSON.stringify(source)}); console.log(JSON.stringify(resolvePaths(process.env)))`;
    const env = {
      ...process.env,
      XDG_CONFIG_HOME: '/c',
      XDG_DATA_HOME: '/d',
      CCR_TUI_HOME: '',
    };
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      env,
      encoding: 'utf8',
    });
    expect(JSON.parse(out)).toMatchObject({
      home: '/d/ccr-tui',
      config: '/c/ccr-tui/config.json',
      vault: '/d/ccr-tui/vault',
      folders: ['/c/ccr-tui', '/d/ccr-tui'],
    });
  });
});

describe('ensureFolder', () => {
  test.each(['000', '022', '077'])('makes 0700 folders under the umask %s', (umask) => {
    const path = join(root, `umask-${umask}`, 'a', 'b');
    const script = `process.umask(0o${umask}); const { ensureFolder } = await import(${JSON.stringify(source)}); ensureFolder(${JSON.stringify(path)})`;
    execFileSync(process.execPath, ['--input-type=module', '-e', script]);
    for (const folder of [path, join(path, '..'), join(path, '..', '..')]) expect(modeOf(folder)).toBe(0o700);
  });

  test('closes a folder of ours that others could read, and may be called again', () => {
    const path = join(root, 'open');
    mkdirSync(path);
    chmodSync(path, 0o755);
    ensureFolder(path);
    ensureFolder(path);
    expect(modeOf(path)).toBe(0o700);
  });

  test('refuses a folder that everybody may write to, and leaves it as it is', () => {
    const path = join(root, 'world');
    mkdirSync(path);
    chmodSync(path, 0o777);
    expect(() => ensureFolder(path)).toThrow(/can be written to by everybody/);
    expect(modeOf(path)).toBe(0o777);
  });

  test('refuses a link, also one to nothing', () => {
    mkdirSync(join(root, 'target'), { mode: 0o755 });
    for (const [link, target] of [
      ['link', 'target'],
      ['dangling', 'nothing'],
    ] as const) {
      symlinkSync(join(root, target), join(root, link));
      expect(() => ensureFolder(join(root, link))).toThrow(/is a symbolic link/);
    }
    expect(existsSync(join(root, 'nothing'))).toBe(false);
  });

  test('refuses what is no folder, or lies below a file', () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    expect(() => ensureFolder(file)).toThrow(/is not a folder/);
    expect(() => ensureFolder(join(file, 'x'))).toThrow(expect.objectContaining({ code: 'failed' }));
  });

  // Only root can give a folder to another user.
  test.runIf(isRoot())('refuses a folder of another user', () => {
    const path = join(root, 'foreign');
    mkdirSync(path, { mode: 0o700 });
    chownSync(path, 12_345, 12_345);
    expect(() => ensureFolder(path)).toThrow(/belongs to another user/);
  });
});
