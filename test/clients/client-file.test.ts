import { execFileSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import {
  assertWritable,
  locate,
  readClientFile,
  removeClientLeftovers,
  removeEmptyFolders,
  replaceClientFile,
  sameContent,
} from '../../source/clients/client-file.ts';
import { isPosix, isRoot } from '../kit/needs.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'ccr-client-file-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
let folder = '';
const at = (...parts: string[]): string => join(folder, ...parts);
beforeEach(() => {
  count += 1;
  folder = join(root, String(count));
  mkdirSync(folder);
});
const here = (path: string) => ({ path, missingFolders: [] });

describe('where a path leads', () => {
  test('to itself, with the folders that are missing, the outermost first', () => {
    expect(locate(at('a.json'))).toEqual(here(at('a.json')));
    expect(locate(at('x', 'y', 'a.json'))).toEqual({
      path: at('x', 'y', 'a.json'),
      missingFolders: [at('x'), at('x', 'y')],
    });
    expect(existsSync(at('x'))).toBe(false);
  });

  test('behind links in the name and on the way, relative ones counted from where they are', () => {
    mkdirSync(at('real', 'deep'), { recursive: true });
    symlinkSync('real', at('alias'));
    symlinkSync('deep/target.json', at('real', 'link.json'));
    expect(locate(at('alias', 'link.json'))).toEqual(here(at('real', 'deep', 'target.json')));
    expect(locate(at('alias', 'new', 'a.json'))).toEqual({
      path: at('real', 'new', 'a.json'),
      missingFolders: [at('real', 'new')],
    });
  });
});

describe('reading', () => {
  test('gives bytes, mode and owner; nothing for no file', () => {
    writeFileSync(at('a'), 'x', { mode: 0o604 });
    const { uid, gid } = statSync(at('a'));
    expect(readClientFile(at('a'))).toEqual({ bytes: Buffer.from('x'), traits: { mode: 0o604, uid, gid } });
    expect(readClientFile(at('b'))).toEqual({ bytes: null, traits: null });
  });

  // No FIFOs on Windows.
  test.runIf(isPosix())('does not wait at a FIFO that nobody writes to', () => {
    execFileSync('mkfifo', [at('fifo')]);
    expect(() => readClientFile(at('fifo'))).toThrow(/is not a regular file/);
    expect(() => readClientFile('/dev/null')).toThrow(/is not a regular file/);
  });
});

describe('replacing', () => {
  test('says why not behind the longest path, too', () => {
    const path = at(...Array.from({ length: 15 }, () => 'x'.repeat(200)), 'a.json');
    expect(() => replaceClientFile(here(path), Buffer.from('1'), null)).toThrow(
      /^.{1,400} cannot be written \(ENOENT\)$/,
    );
  });

  test('makes folders and file, keeps traits that are given, removes for null', () => {
    const target = locate(at('x', 'y', 'a.json'));
    replaceClientFile(target, Buffer.from('1'), null);
    expect(statSync(target.path).mode & 0o777).toBe(0o600);
    const { uid, gid } = statSync(target.path);
    replaceClientFile(here(target.path), Buffer.from('2'), { mode: 0o664, uid, gid });
    expect(readFileSync(target.path, 'utf8')).toBe('2');
    expect(statSync(target.path).mode & 0o777).toBe(0o664);
    expect(readdirSync(at('x', 'y'))).toEqual(['a.json']);
    replaceClientFile(here(target.path), null, null);
    replaceClientFile(here(target.path), null, null);
    expect(existsSync(target.path)).toBe(false);
  });

  // Only root can give a file to another user.
  test.runIf(isRoot())('leaves a file with the user it belongs to', () => {
    writeFileSync(at('a'), '1');
    chownSync(at('a'), 12_345, 12_346);
    replaceClientFile(here(at('a')), Buffer.from('2'), readClientFile(at('a')).traits);
    expect(statSync(at('a'))).toMatchObject({ uid: 12_345, gid: 12_346 });
  });

  test('what the system refuses is an error with its word, and the file is as it was', () => {
    mkdirSync(at('a', 'inside'), { recursive: true });
    expect(() => replaceClientFile(here(at('a')), Buffer.from('2'), null)).toThrow(
      /cannot be written \([A-Z]+\)$/,
    );
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('a file that is fit passes, also one that is not there yet', () => {
    writeFileSync(at('a'), '');
    expect(() => assertWritable(here(at('a')))).not.toThrow();
    expect(() => assertWritable(locate(at('x', 'y', 'b')))).not.toThrow();
  });
});

test('leftovers of killed writes go, those of others stay', () => {
  for (const name of ['a.json', 'a.json.tmp-0123456789abcdef', 'a.json.tmp-mine'])
    writeFileSync(at(name), '');
  removeClientLeftovers(here(at('a.json')));
  removeClientLeftovers(locate(at('none', 'a.json')));
  expect(readdirSync(folder).sort()).toEqual(['a.json', 'a.json.tmp-mine']);
});

test('folders go as long as nothing is in them', () => {
  const folders = [at('x'), at('x', 'y'), at('x', 'y', 'z')];
  mkdirSync(at('x', 'y', 'z'), { recursive: true });
  writeFileSync(at('x', 'keep'), '');
  removeEmptyFolders(folders);
  expect(readdirSync(at('x'))).toEqual(['keep']);
  removeEmptyFolders(folders);
  rmSync(at('x', 'keep'));
  removeEmptyFolders(folders);
  expect(readdirSync(folder)).toEqual([]);
});

test('content is compared by bytes, and no file is like no file only', () => {
  expect(sameContent(null, null)).toBe(true);
  expect(sameContent(Buffer.from(''), null)).toBe(false);
  expect(sameContent(Buffer.from('a'), Buffer.from('a'))).toBe(true);
  expect(sameContent(Buffer.from('a'), Buffer.from('b'))).toBe(false);
});
