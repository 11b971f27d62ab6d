import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { claudeCode } from '../../source/clients/claude-code.ts';
import { connect, previewConnect } from '../../source/clients/connect.ts';
import { disconnect } from '../../source/clients/disconnect.ts';
import { openReceipts } from '../../source/clients/receipt.ts';
import { Secret } from '../../source/shared/secret.ts';
import { randomSettings } from './random-settings.ts';
import { snapshotOf } from './snapshot.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'ccr-connect-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let home = '';
let count = 0;
/** Names of the keys that were made. */
let keys: string[] = [];
/** The key that each name opens the proxy with. */
let live = new Map<string, string>();
let revoked: string[] = [];
const at = (...parts: string[]): string => join(home, ...parts);
const settings = (): string => at('claude', 'settings.json');

beforeEach(() => {
  count += 1;
  home = join(root, String(count));
  mkdirSync(at('claude'), { recursive: true });
  keys = [];
  live = new Map();
  revoked = [];
});

const connection = (file = settings()) => ({
  client: 'claude-code',
  edit: claudeCode,
  file,
  receipts: openReceipts({ home: at('ccr'), receipts: at('ccr', 'receipts') }),
  keyName: 'claude-code',
  makeKey: () => new Secret(`ccr_key${keys.length + 1}`),
  keepKey: async (name: string, key: Secret) => {
    keys.push(name);
    live.set(name, key.reveal());
  },
  isLive: async (name: string, key: Secret) => live.get(name) === key.reveal(),
  revoke: async (name: string) => {
    revoked.push(name);
    live.delete(name);
  },
});
const origin = 'http://127.0.0.1:4180';
const on = (file?: string, to = origin) => connect({ ...connection(file), origin: to });
const off = (file?: string, force = false) => disconnect({ ...connection(file), force });
const read = (file = settings()): string => readFileSync(file, 'utf8');
const envOf = (file?: string): unknown => (JSON.parse(read(file)) as { env: unknown }).env;
const ours = { ANTHROPIC_BASE_URL: origin, ANTHROPIC_AUTH_TOKEN: 'ccr_key1' };
const receiptFiles = (): string[] =>
  existsSync(at('ccr', 'receipts')) ? readdirSync(at('ccr', 'receipts')) : [];

/** Everything below the home but what is ours. */
const snapshot = (): string => snapshotOf(home, (name) => !name.startsWith('ccr'));

describe('any settings file', () => {
  test(
    'says the same and our two values while connected, and is byte for byte the old one after',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(randomSettings, async ({ text, value }) => {
          keys = [];
          writeFileSync(settings(), text);
          await on();
          const now = JSON.parse(read().replace(/^\uFEFF/, '')) as Record<string, unknown>;
          const env = { ...(value['env'] as object | undefined), ...ours };
          expect(now).toEqual({ ...value, env });
          expect(await off()).toMatchObject({ undone: 'exact' });
          expect(read()).toBe(text);
          expect(receiptFiles()).toEqual([]);
        }),
        { numRuns: 200 },
      );
    },
  );
});

describe('connecting', () => {
  test('keeps mode and order, and names the file', async () => {
    writeFileSync(settings(), '{\n\t"b": 1,\n\t"a": [2, 3]\n}\n');
    chmodSync(settings(), 0o640);
    const done = await on();
    expect(done).toMatchObject({ path: settings(), changed: true, created: false });
    expect(statSync(settings()).mode & 0o777).toBe(0o640);
    expect(read()).toBe(
      '{\n\t"b": 1,\n\t"a": [2, 3],\n\t"env": {\n\t\t"ANTHROPIC_BASE_URL": "http://127.0.0.1:4180",\n\t\t"ANTHROPIC_AUTH_TOKEN": "ccr_key1"\n\t}\n}\n',
    );
    expect(readdirSync(at('claude'))).toEqual(['settings.json']);
  });

  test('makes a missing file and missing folders, for their owner alone, and takes them away again', async () => {
    rmSync(at('claude'), { recursive: true });
    const before = snapshot();
    const file = at('claude', 'deep', 'settings.json');
    expect(await on(file)).toMatchObject({ created: true });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(at('claude')).mode & 0o777).toBe(0o700);
    expect(envOf(file)).toEqual(ours);
    expect(await off(file)).toMatchObject({ undone: 'removed' });
    expect(snapshot()).toBe(before);
  });

  test('a folder that was made for it stays when something else is in it by now', async () => {
    rmSync(at('claude'), { recursive: true });
    await on();
    writeFileSync(at('claude', 'history.jsonl'), '');
    await off();
    expect(readdirSync(at('claude'))).toEqual(['history.jsonl']);
  });

  test.each(['', ' \n'])('a file with nothing in it (%j) is filled and emptied again', async (text) => {
    writeFileSync(settings(), text);
    await on();
    expect(envOf()).toEqual(ours);
    await off();
    expect(read()).toBe(text);
  });

  test('twice is once: no byte, no key, no receipt more', async () => {
    writeFileSync(settings(), '{"env":{"ANTHROPIC_BASE_URL":"http://other"}}');
    await on();
    const [file] = receiptFiles();
    const state = () => [snapshot(), statSync(settings()).ino, read(at('ccr', 'receipts', file ?? ''))];
    const before = state();
    expect(await on()).toMatchObject({ changed: false });
    expect(state()).toEqual(before);
    expect(keys).toEqual(['claude-code']);
    await off();
    expect(read()).toBe('{"env":{"ANTHROPIC_BASE_URL":"http://other"}}');
  });

  test('with another address keeps the key and what was there in the very beginning', async () => {
    const text = '{"env":{"ANTHROPIC_BASE_URL":"http://other","ANTHROPIC_AUTH_TOKEN":"mine"}}';
    writeFileSync(settings(), text);
    for (const port of [1, 2, 3]) await on(undefined, `http://127.0.0.1:${port}`);
    expect(envOf()).toEqual({ ...ours, ANTHROPIC_BASE_URL: 'http://127.0.0.1:3' });
    expect(keys).toHaveLength(1);
    expect(await off()).toMatchObject({ undone: 'exact' });
    expect(read()).toBe(text);
    expect(revoked).toEqual(['claude-code']);
  });

  test.each(['{ }', '', '{"env": {\n}}'])('with another address keeps how empty %j was', async (text) => {
    writeFileSync(settings(), text);
    for (const port of [1, 2]) await on(undefined, `http://127.0.0.1:${port}`);
    await off();
    expect(read()).toBe(text);
  });

  test('with another address, folders that were made in the beginning still go in the end', async () => {
    rmSync(at('claude'), { recursive: true });
    await on();
    await on(undefined, 'http://127.0.0.1:9');
    await off();
    expect(existsSync(at('claude'))).toBe(false);
  });

  test('with another address after others have changed the file keeps their change', async () => {
    writeFileSync(settings(), '{"env":{"ANTHROPIC_BASE_URL":"http://other"},"x":1}');
    await on();
    writeFileSync(settings(), read().replace('"x":1', '"x":2,"y":3'));
    await on(undefined, 'http://127.0.0.1:9');
    expect(envOf()).toEqual({ ...ours, ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' });
    expect(await off()).toMatchObject({ undone: 'exact' });
    expect(read()).toBe('{"env":{"ANTHROPIC_BASE_URL":"http://other"},"x":2,"y":3}');
  });

  test('after a value of ours was changed by hand takes that one for what was there before', async () => {
    writeFileSync(settings(), '{"env":{"ANTHROPIC_BASE_URL":"http://other"}}');
    await on();
    writeFileSync(settings(), read().replace(origin, 'http://by.hand'));
    await on();
    expect(envOf()).toEqual(ours);
    await off();
    expect(envOf()).toEqual({ ANTHROPIC_BASE_URL: 'http://by.hand' });
  });

  test('each folder has a receipt of its own; two ways to one file share one', async () => {
    mkdirSync(at('work'));
    writeFileSync(at('work', 'settings.json'), '{"work":1}');
    symlinkSync('claude', at('alias'));
    await on();
    const work = at('work', 'settings.json');
    await connect({ ...connection(work), origin, keyName: 'claude-code-work' });
    expect(receiptFiles()).toHaveLength(2);
    expect(await on(at('alias', 'settings.json'))).toMatchObject({ changed: false });
    await off(at('alias', 'settings.json'));
    expect(existsSync(settings())).toBe(false);
    expect(read(at('work', 'settings.json'))).toContain('ANTHROPIC_BASE_URL');
    await off(at('work', 'settings.json'));
    expect(read(at('work', 'settings.json'))).toBe('{"work":1}');
  });

  test('receipts are for their owner alone, and hold no key of ours', async () => {
    await on();
    const [file = ''] = receiptFiles();
    expect(statSync(at('ccr', 'receipts')).mode & 0o777).toBe(0o700);
    expect(statSync(at('ccr', 'receipts', file)).mode & 0o777).toBe(0o600);
    expect(read(at('ccr', 'receipts', file))).not.toContain('ccr_key');
  });
});

describe('the key', () => {
  test('opens the proxy before it stands in the settings, and the receipt is there before both', async () => {
    writeFileSync(settings(), '{"x":1}');
    const seen: unknown[] = [];
    const keepKey = async (name: string, key: Secret): Promise<void> => {
      seen.push(receiptFiles().length, read(), key.reveal());
      await connection().keepKey(name, key);
    };
    await connect({ ...connection(), origin, keepKey });
    expect(seen).toEqual([1, '{"x":1}', 'ccr_key1']);
    expect(envOf()).toEqual(ours);
  });

  test('is revoked when the settings are without it, and before the receipt goes', async () => {
    writeFileSync(settings(), '{"x":1}');
    await on();
    const seen: unknown[] = [];
    const revoke = async (): Promise<void> => void seen.push(receiptFiles().length, read());
    await disconnect({ ...connection(), force: false, revoke });
    expect(seen).toEqual([1, '{"x":1}']);
  });

  test.each([origin, 'http://127.0.0.1:9'])(
    'that stands there and was revoked is made anew, for %s, and all is undone exactly',
    async (to) => {
      writeFileSync(settings(), '{"x":1}');
      await on();
      live.clear();
      expect(await on(undefined, to)).toMatchObject({ changed: true });
      expect(envOf()).toEqual({ ANTHROPIC_BASE_URL: to, ANTHROPIC_AUTH_TOKEN: 'ccr_key2' });
      expect([...live]).toEqual([['claude-code', 'ccr_key2']]);
      expect(await on(undefined, to)).toMatchObject({ changed: false });
      expect(await off()).toMatchObject({ undone: 'exact' });
      expect(read()).toBe('{"x":1}');
    },
  );

  test('of somebody else is not asked about', async () => {
    writeFileSync(settings(), '{"env":{"ANTHROPIC_AUTH_TOKEN":"theirs"}}');
    const asked: string[] = [];
    const isLive = async (name: string): Promise<boolean> => asked.push(name) > 0;
    await connect({ ...connection(), origin, isLive });
    expect(asked).toEqual([]);
    expect(envOf()).toEqual(ours);
  });
});

describe('links', () => {
  test.each([
    ['absolute', () => at('dotfiles', 'real.json')],
    ['relative', () => '../dotfiles/real.json'],
  ])('an %s link, also one of a chain, stays and its target is edited', async (_, to) => {
    mkdirSync(at('dotfiles'));
    writeFileSync(at('dotfiles', 'real.json'), '{"a":1}');
    symlinkSync(to(), at('claude', 'second.json'));
    symlinkSync('second.json', settings());
    const before = snapshot();
    expect(await on()).toMatchObject({ path: at('dotfiles', 'real.json') });
    expect(lstatSync(settings()).isSymbolicLink()).toBe(true);
    expect(envOf(at('dotfiles', 'real.json'))).toEqual(ours);
    await off();
    expect(snapshot()).toBe(before);
  });

  test('a link to a file that is not there yet: the file is made, and gone again after', async () => {
    mkdirSync(at('dotfiles'));
    symlinkSync('../dotfiles/new.json', settings());
    const before = snapshot();
    await on();
    expect(envOf(at('dotfiles', 'new.json'))).toEqual(ours);
    await off();
    expect(snapshot()).toBe(before);
  });

  test('a folder that is a link', async () => {
    rmSync(at('claude'), { recursive: true });
    mkdirSync(at('elsewhere'));
    symlinkSync('elsewhere', at('claude'));
    const before = snapshot();
    await on();
    expect(existsSync(at('elsewhere', 'settings.json'))).toBe(true);
    await off();
    expect(snapshot()).toBe(before);
  });
});

const refusals: [what: string, make: () => void, reason: RegExp][] = [
  ['broken JSON', () => writeFileSync(settings(), '{"a":'), /is not valid JSON \(line 1, column/],
  [
    'a comment',
    () => writeFileSync(settings(), '{\n// hi\n}'),
    /is not valid JSON \(line 2, column 1, a comment\)/,
  ],
  ['a list', () => writeFileSync(settings(), '[]'), /is not a JSON object/],
  [
    'an env that is a list',
    () => writeFileSync(settings(), '{"env":[]}'),
    /has an env that is not an object/,
  ],
  [
    'another encoding',
    () => writeFileSync(settings(), Buffer.from('\uFEFF{}', 'utf16le')),
    /is not UTF-8 text/,
  ],
  [
    '50 MB',
    () => {
      writeFileSync(settings(), '{}');
      truncateSync(settings(), 50_000_000);
    },
    /is too large \(48 MiB\)/,
  ],
  ['a folder', () => mkdirSync(settings()), /is a folder/],
  [
    'a read-only file',
    () => {
      writeFileSync(settings(), '{}');
      chmodSync(settings(), 0o444);
    },
    /is read-only; make it writable: chmod u\+w/,
  ],
  [
    'a second name',
    () => {
      writeFileSync(settings(), '{}');
      linkSync(settings(), at('other.json'));
    },
    /has a second name/,
  ],
  ['a link in a circle', () => symlinkSync('settings.json', settings()), /leads in a circle/],
  [
    'a link into nowhere',
    () => symlinkSync('../gone/settings.json', settings()),
    /whose folder does not exist/,
  ],
  [
    'a folder that is a link to nothing',
    () => {
      rmSync(at('claude'), { recursive: true });
      symlinkSync('gone', at('claude'));
    },
    /claude is a link to nothing/,
  ],
  [
    'a file where the folder should be',
    () => {
      rmSync(at('claude'), { recursive: true });
      writeFileSync(at('claude'), '');
    },
    /cannot be reached \(ENOTDIR\)/,
  ],
];

describe('what cannot be edited', () => {
  test.each(refusals)('%s: refused by name, nothing written, no key made', async (_, make, reason) => {
    make();
    const before = snapshot();
    for (const attempt of [() => on(), () => previewConnect({ ...connection(), origin })]) {
      const error: unknown = await attempt().catch((error: unknown) => error);
      expect(error).toMatchObject({ code: 'failed', exitCode: 1 });
      const [line = ''] = (error as { lines: string[] }).lines;
      expect(line).toMatch(reason);
      expect(line).toContain(home);
    }
    expect(snapshot()).toBe(before);
    expect(receiptFiles()).toEqual([]);
    expect(keys).toEqual([]);
  });

  test('a receipt that nobody can read stops everything', async () => {
    await on();
    const [file = ''] = receiptFiles();
    for (const text of ['', '{}', '{"version":2}', 'null', '[]']) {
      writeFileSync(at('ccr', 'receipts', file), text);
      await expect(on()).rejects.toThrow(/the receipt .* cannot be read/);
      await expect(off()).rejects.toThrow(/the receipt .* cannot be read/);
    }
    expect(envOf()).toEqual(ours);
  });

  test('a key that cannot be made leaves everything as it was', async () => {
    writeFileSync(settings(), '{}');
    const keepKey = async (): Promise<void> => {
      throw new Error('no');
    };
    await expect(connect({ ...connection(), origin, keepKey })).rejects.toThrow('no');
    expect(read()).toBe('{}');
    expect(receiptFiles()).toEqual([]);
  });

  test('a key that can neither be kept nor taken back leaves a receipt, by which disconnect ends it', async () => {
    writeFileSync(settings(), '{}');
    const keepKey = async (name: string, key: Secret): Promise<void> => {
      await connection().keepKey(name, key);
      throw new Error('cut off');
    };
    const revoke = async (): Promise<void> => {
      throw new Error('cut off, too');
    };
    await expect(connect({ ...connection(), origin, keepKey, revoke })).rejects.toThrow(/^cut off$/);
    expect(read()).toBe('{}');
    expect([...live.keys()]).toEqual(['claude-code']);
    expect(await off()).toMatchObject({ undone: 'nothing' });
    expect([...live.keys(), ...receiptFiles()]).toEqual([]);
  });

  test('a file that changes while the key is kept is not overwritten, and the key is taken back', async () => {
    writeFileSync(settings(), '{}');
    const keepKey = async (): Promise<void> => writeFileSync(settings(), '{"theirs":1}');
    await expect(connect({ ...connection(), origin, keepKey })).rejects.toMatchObject({ code: 'locked' });
    expect(read()).toBe('{"theirs":1}');
    expect(receiptFiles()).toEqual([]);
    expect(revoked).toEqual(['claude-code']);
  });
});

describe('a preview', () => {
  test('shows both texts without any key, and touches nothing', async () => {
    writeFileSync(settings(), '{"env":{"ANTHROPIC_AUTH_TOKEN":"their-secret"}}');
    const before = snapshot();
    const seen = await previewConnect({ ...connection(), origin });
    expect(seen).toMatchObject({ changed: true, created: false });
    expect(seen.before).toBe('{"env":{"ANTHROPIC_AUTH_TOKEN":"[key]"}}');
    expect(seen.after).toBe(
      `{"env":{"ANTHROPIC_AUTH_TOKEN":"[a new key]","ANTHROPIC_BASE_URL":"${origin}"}}`,
    );
    expect(snapshot()).toBe(before);
    expect(existsSync(at('ccr'))).toBe(false);
    await on();
    const again = await previewConnect({ ...connection(), origin });
    expect(again.changed).toBe(false);
    expect(JSON.stringify(again)).not.toContain('ccr_key');
    live.clear();
    const renewed = await previewConnect({ ...connection(), origin });
    expect(renewed).toMatchObject({ changed: true });
    expect(renewed.before).toContain('"ANTHROPIC_AUTH_TOKEN":"[key]"');
    expect(renewed.after).toContain('"ANTHROPIC_AUTH_TOKEN":"[a new key]"');
  });
});
