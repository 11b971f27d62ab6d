import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  blankJsonStore,
  blankPlaces,
  readJsonStore,
} from '../../../source/credentials/importers/json-store.ts';
import { temporaryFolders } from '../../kit/temporary-folders.ts';

const root = temporaryFolders('json-store')();
const path = join(root, 'store.json');

test('comments and trailing commas are read, and what is no JSON is said without its text', () => {
  writeFileSync(path, '\uFEFF{ // hi\n "a": [1,],\n}');
  expect(readJsonStore(path)).toEqual({ a: [1] });
  for (const broken of ['', '{"token":"marker', '{"a":1} marker']) {
    writeFileSync(path, broken);
    expect(() => readJsonStore(path)).toThrow(/is not valid JSON \(\w+\)$/);
  }
  writeFileSync(path, '{"token":"marker');
  expect(() => readJsonStore(path)).not.toThrow('marker');
});

test('a store that is not there, or no file, is said', () => {
  expect(() => readJsonStore(join(root, 'none'))).toThrow('is not there');
  mkdirSync(join(root, 'folder'));
  expect(() => readJsonStore(join(root, 'folder'))).toThrow('is a folder');
  writeFileSync(path, Buffer.from([0x7b, 0xff, 0x7d]));
  expect(() => readJsonStore(path)).toThrow('is not UTF-8');
});

test('only the strings at the places are emptied, everything else stays byte for byte', () => {
  const text = '[\n  { "id": "a", "t": "secret \\" one" }, // note\n  { "t":"two", "n": 5 },\n]\n';
  const places = [
    [0, 't'],
    [1, 't'],
    [1, 'n'],
    [7, 't'],
    [0, 'none'],
  ];
  expect(blankPlaces(text, places)).toBe(text.replace('"secret \\" one"', '""').replace('"two"', '""'));
});

test('the file keeps its mode, and behind a link it is the file that changes', () => {
  writeFileSync(path, '{"a":"secret"}');
  chmodSync(path, 0o640);
  const link = join(root, 'link.json');
  symlinkSync(path, link);
  blankJsonStore(link, [['a']]);
  expect(readFileSync(path, 'utf8')).toBe('{"a":""}');
  expect(statSync(path).mode & 0o777).toBe(0o640);
});
