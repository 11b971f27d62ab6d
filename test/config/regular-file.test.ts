import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readRegularFile } from '../../source/config/regular-file.ts';
import { isLinux, isPosix } from '../kit/needs.ts';

const folder = mkdtempSync(join(tmpdir(), 'ccr-regular-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const read = (path: string, follow = false, maxBytes = 10) => readRegularFile(path, { maxBytes, follow });

describe('a regular file', () => {
  test.each(['', 'x', '0123456789'])('is read to its end: %j', (text) => {
    writeFileSync(at('a'), text, { mode: 0o640 });
    const found = read(at('a'));
    expect(found).toMatchObject({ kind: 'file', bytes: Buffer.from(text) });
    expect(found.kind === 'file' && found.stat.mode & 0o777).toBe(0o640);
  });

  test('beyond the bound is not taken, and its size is told', () => {
    writeFileSync(at('large'), '01234567890');
    expect(read(at('large'))).toEqual({ kind: 'large', size: 11 });
  });

  // Files of /proc are empty by their size, as one that grows was when it was measured.
  test.runIf(isLinux())('is read and bounded by what is in it, not by what it said', () => {
    const whole = readFileSync('/proc/version');
    expect(read('/proc/version', false, 65_536)).toMatchObject({ kind: 'file', bytes: whole });
    expect(read('/proc/version', false, whole.length)).toMatchObject({ kind: 'file', bytes: whole });
    expect(read('/proc/version', false, whole.length - 1)).toMatchObject({ kind: 'large' });
  });
});

describe('anything else is told apart', () => {
  test('nothing, and a folder', () => {
    mkdirSync(at('folder'));
    expect(read(at('nothing'))).toEqual({ kind: 'missing' });
    expect(read(at('folder'))).toEqual({ kind: 'irregular', is: 'folder' });
  });

  test('a link, unless it is followed; one to nothing leads to nothing, a circle nowhere', () => {
    writeFileSync(at('target'), 'x');
    symlinkSync('target', at('link'));
    symlinkSync('gone', at('dangling'));
    symlinkSync('circle', at('circle'));
    expect(read(at('link'))).toEqual({ kind: 'irregular', is: 'link' });
    expect(read(at('link'), true)).toMatchObject({ kind: 'file', bytes: Buffer.from('x') });
    expect([read(at('dangling')).kind, read(at('dangling'), true).kind]).toEqual(['irregular', 'missing']);
    expect([read(at('circle')).kind, read(at('circle'), true).kind]).toEqual(['irregular', 'denied']);
  });

  // No FIFOs and no sockets in folders on Windows.
  test.runIf(isPosix())('a FIFO without waiting for it, and a socket', async () => {
    execFileSync('mkfifo', [at('fifo')]);
    expect(read(at('fifo'))).toEqual({ kind: 'irregular', is: 'other' });
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(at('socket'), resolve);
    });
    expect(read(at('socket'))).toEqual({ kind: 'irregular', is: 'other' });
    server.close();
  });
});
