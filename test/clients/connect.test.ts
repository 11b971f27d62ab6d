import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { connect, previewConnect } from '../../source/clients/connect.ts';
import { disconnect } from '../../source/clients/disconnect.ts';
import type { Secret } from '../../source/shared/secret.ts';
import { origin, ours, useConnectHome } from './connect-home.ts';
import { randomSettings } from './random-settings.ts';

const {
  kept,
  revoked,
  live,
  forgetKeys,
  at,
  settings,
  connection,
  on,
  off,
  read,
  envOf,
  receiptFiles,
  snapshot,
} = useConnectHome();

describe('any settings file', () => {
  test(
    'says the same and our two values while connected, and is byte for byte the old one after',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(randomSettings, async ({ text, value }) => {
          forgetKeys();
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
    expect(kept).toEqual(['claude-code']);
    await off();
    expect(read()).toBe('{"env":{"ANTHROPIC_BASE_URL":"http://other"}}');
  });

  test('with another address keeps the key and what was there in the very beginning', async () => {
    const text = '{"env":{"ANTHROPIC_BASE_URL":"http://other","ANTHROPIC_AUTH_TOKEN":"mine"}}';
    writeFileSync(settings(), text);
    for (const port of [1, 2, 3]) await on(undefined, `http://127.0.0.1:${port}`);
    expect(envOf()).toEqual({ ...ours, ANTHROPIC_BASE_URL: 'http://127.0.0.1:3' });
    expect(kept).toHaveLength(1);
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
