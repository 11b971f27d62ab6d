import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readConfigFile } from '../../source/config/config-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'ccr-config-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
const fileWith = (content: string | Uint8Array): string => {
  const path = join(folder, `${(count += 1)}.json`);
  writeFileSync(path, content);
  return path;
};

const problemsOf = (content: string | Uint8Array): readonly string[] =>
  readConfigFile(fileWith(content)).problems;

test('a missing file is an empty one', () => {
  expect(readConfigFile(join(folder, 'none.json'))).toEqual({
    values: new Map(),
    accounts: [],
    clientKeys: [],
    problems: [],
  });
  expect(readConfigFile(join(folder, 'none', 'none.json')).problems).toEqual([]);
});

test('settings come back under their dotted keys', () => {
  const { values, problems } = readConfigFile(
    fileWith('{"port": 4280, "timeouts": {"idleMs": 5}, "history": {}, "allowedHosts": ["Dev.Local"]}'),
  );
  expect(problems).toEqual([]);
  expect([...values]).toEqual([
    ['port', 4280],
    ['timeouts.idleMs', 5],
    ['allowedHosts', ['dev.local']],
  ]);
});

test('every problem of a file is named at once, in the order of the file', () => {
  expect(
    problemsOf(
      '{"prot": 1, "port": "80a", "timeouts": {"conectMs": 1, "idleMs": 0}, "history": 5, "timeouts.idleMs": 5, "zzzzzzzzzz": 1, "accounts": {}}',
    ),
  ).toEqual([
    'history: 5 is not a group of settings; use an object',
    'prot: is not known; did you mean port?',
    'port: "80a" is not a whole number; use a whole number from 0 to 65535',
    'timeouts.conectMs: is not known; did you mean timeouts.connectMs?',
    'timeouts.idleMs: 0 is out of range; use a whole number from 1 to 86400000',
    'timeouts.idleMs: is not known; write it as {"timeouts": {"idleMs": …}}',
    'zzzzzzzzzz: is not known; remove it',
    'accounts: {} is not a list; use a list of accounts',
  ]);
});

test.each<[string, string | Uint8Array, RegExp]>([
  ['cut JSON', '{"port": 41', /^is not valid JSON/],
  ['an empty file', '', /^is empty/],
  ['a byte order mark', '\uFEFF{}', /^begins with a byte order mark/],
  ['another encoding', Uint8Array.of(0xff, 0xfe, 0x7b, 0), /^is not UTF-8 text/],
  ['a list', '[]', /^is not a JSON object/],
  ['a number', '5', /^is not a JSON object/],
  ['50 MB', Buffer.alloc(50_000_000, 0x20), /^is larger than 1 MiB/],
  ['nesting 50 deep', `${'{"port":'.repeat(50)}1${'}'.repeat(50)}`, /nested too deep/],
  ['__proto__', '{"__proto__": {"polluted": true}}', /^__proto__: is not allowed/],
  [
    'constructor',
    '{"timeouts": {"constructor": {"prototype": {}}}}',
    /^timeouts.constructor: is not allowed/,
  ],
  ['a repeated key', '{"port": 1, "port": 2}', /^port: stands there twice/],
  ['a hostile key', '{"\\u001b[2J\\u202e": 1}', /^[^\p{Cc}\p{Cf}]*: is not known; remove it$/u],
])('%s is one clear problem', (_, content, problem) => {
  const file = fileWith(content);
  const started = performance.now();
  const { problems } = readConfigFile(file);
  const tookMs = performance.now() - started;
  expect(problems[0]).toMatch(problem);
  expect(problems.length).toBeLessThanOrEqual(2);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  // To write 50 MB is not what is measured, and takes seconds where the disk is slow.
  expect(tookMs).toBeLessThan(2000);
});

test('a folder or a FIFO in place of the file is a problem, not a wait', () => {
  const inPlace = join(folder, 'folder.json');
  mkdirSync(inPlace);
  expect(readConfigFile(inPlace).problems).toEqual(['is not a regular file; move it away']);
  const fifo = join(folder, 'fifo.json');
  execFileSync('mkfifo', [fifo]);
  expect(readConfigFile(fifo).problems).toEqual(['is not a regular file; move it away']);
});

test('a link to a file of settings is read: people keep their dotfiles elsewhere', () => {
  const link = join(folder, 'link.json');
  symlinkSync(fileWith('{"port": 7}'), link);
  expect([...readConfigFile(link).values]).toEqual([['port', 7]]);
});
