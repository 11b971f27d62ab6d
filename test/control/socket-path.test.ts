import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { prepareSocketPath, type SocketSurroundings, socketPaths } from '../../source/control/socket-path.ts';
import { isRoot } from '../kit/needs.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccr-path-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const deep = `/home/user/${'deep/'.repeat(30)}control.sock`;
const around = (fields: Partial<SocketSurroundings>): SocketSurroundings => ({
  controlSocket: '/home/user/.ccr/control.sock',
  platform: 'linux',
  env: {},
  uid: process.getuid?.() ?? null,
  temporary: folder,
  ...fields,
});

describe('the socket path', () => {
  test('is in the home up to 100 bytes, counted as bytes', () => {
    const of = (length: number): string => `/${'x'.repeat(length - 14)}/control.sock`;
    expect(socketPaths(around({ controlSocket: of(100) }))[0]).toBe(of(100));
    expect(socketPaths(around({ controlSocket: of(101) }))).not.toContain(of(101));
    const umlauts = `/${'ü'.repeat(50)}/control.sock`;
    expect(socketPaths(around({ controlSocket: umlauts }))).not.toContain(umlauts);
  });

  test('is never beyond 100 bytes, and another one for every home', () => {
    const env = { XDG_RUNTIME_DIR: '/run/user/1000' };
    const one = socketPaths(around({ controlSocket: deep, env, uid: 1000 }));
    const two = socketPaths(around({ controlSocket: `/x${deep}`, env, uid: 1000 }));
    expect(one[0]).toMatch(/^\/run\/user\/1000\/ccr-tui-[0-9a-f]{16}\.sock$/);
    expect(one[1]).toMatch(/\/ccr-tui-1000\/[0-9a-f]{16}\.sock$/);
    expect(one.filter((path) => two.includes(path) || Buffer.byteLength(path) > 100)).toEqual([]);
    const far = around({ controlSocket: deep, temporary: `/var/${'t'.repeat(100)}`, uid: 5 });
    expect(socketPaths(far)).toEqual([expect.stringMatching(/^\/tmp\/ccr-tui-5\//)]);
  });

  test('on Windows is a named pipe of the home', () => {
    const paths = socketPaths(around({ platform: 'win32' }));
    expect(paths).toEqual([expect.stringMatching(/^\\\\\.\\pipe\\ccr-tui-[0-9a-f]{16}$/)]);
    expect(prepareSocketPath(around({ platform: 'win32' }))).toBe(paths[0]);
  });
});

describe('its folder', () => {
  test('is made 0700 among the temporary files', () => {
    const path = prepareSocketPath(around({ controlSocket: deep }));
    expect(path.startsWith(join(folder, 'ccr-tui-'))).toBe(true);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
  });

  test('is the runtime folder only when that is ours alone', () => {
    const runtime = join(folder, 'run');
    mkdirSync(runtime, { mode: 0o700 });
    const options = around({ controlSocket: deep, env: { XDG_RUNTIME_DIR: runtime } });
    expect(prepareSocketPath(options).startsWith(`${runtime}/`)).toBe(true);
    chmodSync(runtime, 0o755);
    expect(prepareSocketPath(options).startsWith(`${runtime}/`)).toBe(false);
    expect(statSync(runtime).mode & 0o777).toBe(0o755);
  });

  test('is not the one that somebody else has put there before', () => {
    // A number of nobody, so that the last resort (/tmp) is no real user's folder.
    const uid = 90_000_000 + process.pid;
    const planted = join(folder, `ccr-tui-${uid}`);
    onTestFinished(() => rmSync(`/tmp/ccr-tui-${uid}`, { recursive: true, force: true }));
    mkdirSync(join(folder, 'theirs'));
    symlinkSync(join(folder, 'theirs'), planted);
    const options = around({ controlSocket: deep, uid });
    expect(prepareSocketPath(options).startsWith(planted)).toBe(false);
    rmSync(planted);
    mkdirSync(planted);
    chmodSync(planted, 0o777);
    expect(prepareSocketPath(options).startsWith(planted)).toBe(false);
  });

  // Only root can give a folder to another user.
  test.runIf(isRoot())('is never a folder of another user, however it is closed', () => {
    const uid = 80_000_000 + process.pid;
    const planted = join(folder, `ccr-tui-${uid}`);
    onTestFinished(() => rmSync(`/tmp/ccr-tui-${uid}`, { recursive: true, force: true }));
    mkdirSync(planted, { mode: 0o700 });
    chownSync(planted, 12_345, 12_345);
    expect(prepareSocketPath(around({ controlSocket: deep, uid })).startsWith(planted)).toBe(false);
    expect(readdirSync(planted)).toEqual([]);
    expect(statSync(planted).uid).toBe(12_345);
    chownSync(folder, 12_345, 12_345);
    expect(() => prepareSocketPath(around({ controlSocket: join(folder, 'c.sock') }))).toThrow(
      'belongs to another user',
    );
  });

  test('in the home is never replaced by a fallback: an open home is refused', () => {
    const home = join(folder, 'home');
    mkdirSync(home);
    chmodSync(home, 0o777);
    expect(() => prepareSocketPath(around({ controlSocket: join(home, 'control.sock') }))).toThrow(
      'open to other users',
    );
  });
});
