import {
  chmodSync,
  existsSync,
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
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createPrivateFile,
  ensurePrivateFolder,
  readPrivateFile,
  replacePrivateFile,
} from '../../source/control/private-file.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccr-private-'));
  file = join(folder, 'file');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a private file', () => {
  test('is created whole and once, and nothing else is left beside it', () => {
    expect(readPrivateFile(file)).toBeNull();
    expect(createPrivateFile(file, 'one')).toBe(true);
    expect(createPrivateFile(file, 'two')).toBe(false);
    expect(readPrivateFile(file)?.text).toBe('one');
    replacePrivateFile(file, 'three');
    expect(readPrivateFile(file)?.text).toBe('three');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test.each([0, 0o022, 0o777])('is 0600 under umask %i', (umask) => {
    const before = process.umask(umask);
    try {
      createPrivateFile(file, 'one');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      replacePrivateFile(file, 'two');
      expect(statSync(file).mode & 0o777).toBe(0o600);
    } finally {
      process.umask(before);
    }
  });

  test('never writes through a link, symbolic or hard', () => {
    const target = join(folder, 'target');
    writeFileSync(target, 'mine');
    for (const link of [symlinkSync, linkSync]) {
      link(target, file);
      expect(createPrivateFile(file, 'ours')).toBe(false);
      replacePrivateFile(file, 'ours');
      expect(readFileSync(target, 'utf8')).toBe('mine');
      expect(readPrivateFile(file)?.text).toBe('ours');
      rmSync(file);
    }
  });

  test('is not read when it is a link, a folder, a socket or huge', async () => {
    symlinkSync('/etc/hostname', file);
    expect(() => readPrivateFile(file)).toThrow('is a symbolic link');
    expect(() => readPrivateFile(folder)).toThrow('is not a regular file');
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(join(folder, 'socket'), resolve);
    });
    expect(() => readPrivateFile(join(folder, 'socket'))).toThrow('is not a regular file');
    server.close();
    writeFileSync(join(folder, 'huge'), 'x'.repeat(70_000));
    expect(() => readPrivateFile(join(folder, 'huge'))).toThrow('too large');
  });
});

describe('a private folder', () => {
  test.each([0, 0o022, 0o077])('is made 0700 under umask %i, with its parents', (umask) => {
    const before = process.umask(umask);
    try {
      ensurePrivateFolder(join(folder, 'a', 'b'));
      expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o700);
      expect(statSync(join(folder, 'a', 'b')).mode & 0o777).toBe(0o700);
    } finally {
      process.umask(before);
    }
  });

  test('is refused when others may write to it, and with strict when they may enter', () => {
    const open = join(folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o755);
    ensurePrivateFolder(open);
    expect(() => ensurePrivateFolder(open, true)).toThrow('open to other users');
    chmodSync(open, 0o770);
    expect(() => ensurePrivateFolder(open)).toThrow('open to other users');
  });

  test('is refused when it is a link', () => {
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    expect(() => ensurePrivateFolder(join(folder, 'link'))).toThrow('is not a folder');
    expect(existsSync(join(folder, 'link'))).toBe(true);
  });
});
