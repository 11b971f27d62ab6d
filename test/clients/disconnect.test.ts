import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { claudeCode } from '../../source/clients/claude-code.ts';
import { connect } from '../../source/clients/connect.ts';
import { assertDisconnectable, disconnect } from '../../source/clients/disconnect.ts';
import { openReceipts } from '../../source/clients/receipt.ts';
import { Secret } from '../../source/shared/secret.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'ccr-disconnect-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let home = '';
let count = 0;
const settings = (): string => join(home, 'settings.json');
const folder = (): string => join(home, 'ccr', 'receipts');

beforeEach(() => {
  count += 1;
  home = join(root, String(count));
  mkdirSync(home, { recursive: true });
});

const connection = () => ({
  client: 'claude-code',
  edit: claudeCode,
  file: settings(),
  receipts: openReceipts({ home: join(home, 'ccr'), receipts: folder() }),
});
const on = (text: string | null) => {
  if (text !== null) writeFileSync(settings(), text);
  return connect({
    ...connection(),
    origin: 'http://127.0.0.1:4180',
    keyName: 'claude-code',
    makeKey: () => new Secret('ccr_k'),
    keepKey: async () => undefined,
    isLive: async () => true,
    revoke: async () => undefined,
  });
};
const options = (force = false) => ({ ...connection(), force, revoke: async () => undefined });
const off = (force = false) => disconnect(options(force));
const read = (): string => readFileSync(settings(), 'utf8');
const change = (from: string | RegExp, to: string): void => {
  const text = read();
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  writeFileSync(settings(), changed);
};

describe('when others have changed the file since', () => {
  test.each([
    [
      'a member of env behind ours',
      '{"env":{"A":"1"},"x":1}',
      '"ccr_k"',
      '"ccr_k","B":"2"',
      '{"env":{"A":"1","B":"2"},"x":1}',
    ],
    ['a member at the top', '{\n  "x": 1\n}\n', '{\n', '{\n  "y": 2,\n', '{\n  "y": 2,\n  "x": 1\n}\n'],
    ['a value that is not ours', '{"env":{"A":"1"}}', '"A":"1"', '"A":"2"', '{"env":{"A":"2"}}'],
    ['an env that was empty', '{"env":{ },"x":1}', '"x":1', '"x":2', '{"env":{ },"x":2}'],
    ['a file that was missing', null, '{\n', '{\n  "theirs": true,\n', '{\n  "theirs": true\n}\n'],
    [
      'values of ours that were others before',
      '{"env":{"ANTHROPIC_BASE_URL":"http:\\/\\/a","ANTHROPIC_AUTH_TOKEN":null}, "x":1}',
      '"x":1',
      '"x":2',
      '{"env":{"ANTHROPIC_BASE_URL":"http:\\/\\/a","ANTHROPIC_AUTH_TOKEN":null}, "x":2}',
    ],
  ])('%s: only our places are put back', async (_, text, from, to, wanted) => {
    await on(text);
    change(from, to);
    assertDisconnectable(options());
    expect(await off()).toMatchObject({ undone: 'places' });
    expect(read()).toBe(wanted);
    expect(readdirSync(folder())).toEqual([]);
  });

  test('a file that was written anew in another layout', async () => {
    await on('{"a":1,"env":{"X":"1"}}');
    writeFileSync(settings(), JSON.stringify(JSON.parse(read()), null, 2));
    expect(await off()).toMatchObject({ undone: 'places' });
    expect(read()).toBe(JSON.stringify({ a: 1, env: { X: '1' } }, null, 2));
  });

  test('a file of ours that says nothing more without us is removed', async () => {
    await on(null);
    writeFileSync(settings(), JSON.stringify(JSON.parse(read())));
    expect(await off()).toMatchObject({ undone: 'removed' });
    expect(existsSync(settings())).toBe(false);
  });

  test('a file that said nothing before us stays, saying nothing', async () => {
    await on('{ }');
    writeFileSync(settings(), JSON.stringify(JSON.parse(read())));
    expect(await off()).toMatchObject({ undone: 'places' });
    expect(read()).toBe('{}');
  });

  test('somebody who has put everything back already has left nothing to do', async () => {
    await on('{"x":1}');
    writeFileSync(settings(), '{"x":1}');
    expect(await off()).toMatchObject({ undone: 'nothing' });
    await on('{"x":1}');
    writeFileSync(settings(), '{"x":2}');
    expect(await off()).toMatchObject({ undone: 'places' });
    expect(read()).toBe('{"x":2}');
  });
});

describe('when our values were changed by hand', () => {
  test.each([
    ['the address', /http:\/\/127[^"]+/, 'http://by.hand', 'env.ANTHROPIC_BASE_URL changed'],
    ['the key', 'ccr_k', 'theirs', 'env.ANTHROPIC_AUTH_TOKEN changed'],
    ['both', /"env":.*/, '"env":{}}', 'env.ANTHROPIC_BASE_URL and env.ANTHROPIC_AUTH_TOKEN changed'],
  ])('%s: nothing is written, and --force goes on', async (_, from, to, what) => {
    await on('{"x":1,"env":{"ANTHROPIC_BASE_URL":"http://a","ANTHROPIC_AUTH_TOKEN":"t"}}');
    change(from, to);
    const text = read();
    const receipts = readdirSync(folder());
    await expect(off()).rejects.toMatchObject({ exitCode: 1, message: expect.stringContaining(what) });
    expect(() => assertDisconnectable(options())).toThrow(what);
    expect(read()).toBe(text);
    expect(readdirSync(folder())).toEqual(receipts);
    expect(await off(true)).toMatchObject({ undone: 'places' });
    expect(JSON.parse(read())).toEqual({
      x: 1,
      env: { ANTHROPIC_BASE_URL: 'http://a', ANTHROPIC_AUTH_TOKEN: 't' },
    });
  });

  test('the values are not repeated', async () => {
    await on('{}');
    change('ccr_k', 'sk-secret-of-theirs');
    await expect(off()).rejects.toMatchObject({ message: expect.not.stringContaining('sk-secret') });
  });

  test('a file that is gone: --force writes what was there before', async () => {
    await on('{"x":1}');
    rmSync(settings());
    await expect(off()).rejects.toThrow(/the file was removed/);
    expect(existsSync(settings())).toBe(false);
    expect(await off(true)).toMatchObject({ undone: 'exact' });
    expect(read()).toBe('{"x":1}');
  });

  test('a file that cannot be read any more is not touched, force or not', async () => {
    await on('{"x":1}');
    writeFileSync(settings(), '{"x":');
    for (const force of [false, true]) await expect(off(force)).rejects.toThrow(/is not valid JSON/);
    expect(read()).toBe('{"x":');
  });
});

test('without a connection there is nothing to undo: exit 3, and nothing is made', async () => {
  writeFileSync(settings(), '{"x":1}');
  await expect(off()).rejects.toMatchObject({ code: 'not_connected', exitCode: 3 });
  await on('{"x":1}');
  await off();
  await expect(off(true)).rejects.toMatchObject({ code: 'not_connected' });
  expect(readdirSync(home).sort()).toEqual(['ccr', 'settings.json']);
});
