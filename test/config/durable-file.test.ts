import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { removeLeftovers, syncFolder, writeDurably } from '../../source/config/durable-file.ts';
import { inRun } from '../kit/long-run.ts';
import { isRoot } from '../kit/needs.ts';

const root = mkdtempSync(join(tmpdir(), 'ccr-durable-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const source = pathToFileURL(resolve(import.meta.dirname, '../../source/config/durable-file.ts')).href;

const script = (body: string): string[] => [
  '--input-type=module',
  '-e',
  `const { writeDurably } = await import(${JSON.stringify(source)}); ${body}`,
];

test.each(['000', '022', '377'])('the file is 0600 under the umask %s and nothing else is left', (umask) => {
  const folder = join(root, umask);
  mkdirSync(folder);
  const path = join(folder, 'file');
  execFileSync(
    process.execPath,
    script(`process.umask(0o${umask}); writeDurably(${JSON.stringify(path)}, Buffer.from('x'))`),
  );
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['file']);
});

test(
  'killed at any moment, the file holds one whole content',
  async () => {
    const folder = join(root, 'killed');
    mkdirSync(folder);
    const path = join(folder, 'file');
    for (let round = 0; round < inRun(6, 50); round += 1) {
      const body = `for (let n = 0; ; n += 1) { writeDurably(${JSON.stringify(path)}, Buffer.alloc(200_000, 97 + (n % 26))); if (n === 3) console.log('on'); }`;
      const writer = spawn(process.execPath, script(body), { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(writer.stdout, 'data');
      // The moment of death is spread over the steps of a write.
      const until = performance.now() + round;
      while (performance.now() < until);
      writer.kill('SIGKILL');
      await once(writer, 'exit');
      const bytes = readFileSync(path);
      expect(bytes.length).toBe(200_000);
      expect(bytes.every((byte) => byte === bytes[0])).toBe(true);
      removeLeftovers(path);
      expect(readdirSync(folder)).toEqual(['file']);
    }
  },
  inRun(20_000, 120_000),
);

test('a write that fails leaves the old content and nothing beside it', () => {
  const path = join(root, 'target');
  mkdirSync(path);
  writeFileSync(join(path, 'inside'), '');
  expect(() => writeDurably(path, Buffer.from('x'))).toThrow(/EISDIR|ENOTEMPTY|EEXIST|EPERM/);
  expect(readdirSync(root).filter((name) => name.startsWith('target.'))).toEqual([]);
});

test('only leftovers of our own pattern are removed', () => {
  const folder = join(root, 'leftovers');
  mkdirSync(folder);
  const ours = ['file.tmp-0123456789abcdef', 'file.tmp-17000000001a2b3c'];
  const others = [
    'file',
    'file.bak',
    'file.tmp',
    'file.tmp-mine',
    'other.tmp-0123456789abcdef',
    'file.tmp-0123456789abcdef.txt',
  ];
  for (const name of [...ours, ...others]) writeFileSync(join(folder, name), '');
  removeLeftovers(join(folder, 'file'));
  expect(readdirSync(folder).toSorted()).toEqual(others.toSorted());
  syncFolder(folder);
});

test('a file takes the mode that is given, whatever the umask', () => {
  const path = join(root, 'shared');
  execFileSync(
    process.execPath,
    script(`process.umask(0o377); writeDurably(${JSON.stringify(path)}, Buffer.from('x'), { mode: 0o664 })`),
  );
  expect(statSync(path).mode & 0o777).toBe(0o664);
});

// Only root can give a file to another user; the change of owner must not cost mode bits.
test.runIf(isRoot())('a file takes the owner that is given', () => {
  const path = join(root, 'theirs');
  writeDurably(path, Buffer.from('x'), { mode: 0o4750, uid: 12_345, gid: 12_346 });
  expect(statSync(path)).toMatchObject({ uid: 12_345, gid: 12_346 });
  expect(statSync(path).mode & 0o7777).toBe(0o4750);
});
