import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { saveFile } from '../source/save-file.ts';
import { temporaryFolders } from './kit/temporary-folders.ts';

const temporaryFolder = temporaryFolders('save-file');

test('is for its owner alone, in a folder that is made for it', async () => {
  const folder = join(temporaryFolder(), 'home', 'exports');
  const path = await saveFile(folder, 'requests.har', 'text');
  expect(path).toBe(join(folder, 'requests.har'));
  expect(readFileSync(path, 'utf8')).toBe('text');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('never takes the place of what is there, be it a file, a folder or a link', async () => {
  const folder = temporaryFolder();
  const other = join(folder, 'precious');
  writeFileSync(other, 'precious');
  writeFileSync(join(folder, 'a.har'), 'first');
  symlinkSync(other, join(folder, 'a-2.har'));
  mkdirSync(join(folder, 'a-3.har'));
  expect(await saveFile(folder, 'a.har', 'new')).toBe(join(folder, 'a-4.har'));
  expect(readFileSync(join(folder, 'a.har'), 'utf8')).toBe('first');
  expect(readFileSync(other, 'utf8')).toBe('precious');
  const at = await Promise.all(['x', 'y', 'z'].map((text) => saveFile(folder, 'b.txt', text)));
  expect(new Set(at).size).toBe(3);
});

test('a name leads nowhere else', async () => {
  const folder = temporaryFolder();
  expect(await saveFile(join(folder, 'in'), '../../out.txt', '')).toBe(join(folder, 'in', '__.._out.txt'));
  expect(readdirSync(folder)).toEqual(['in']);
});

test('says why there is no file, and leaves no piece of one', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  await expect(saveFile(join(folder, 'file'), 'a.txt', '')).rejects.toThrow(
    /no file could be written into .*file \((?:EEXIST|ENOTDIR)\)/,
  );
});
