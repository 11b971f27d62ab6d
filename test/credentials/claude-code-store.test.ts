import * as fc from 'fast-check';
import { homedir } from 'node:os';
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { credentialsFile } from '../../source/credentials/claude-code-file.ts';
import {
  claudeCodeDocument,
  claudeCodeFolder,
  createClaudeCodeStore,
  loginInCredentials,
} from '../../source/credentials/claude-code-store.ts';
import type { Login } from '../../source/credentials/login.ts';
import { systemClock } from '../../source/shared/clock.ts';
import { Secret } from '../../source/shared/secret.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { temporaryFolders } from '../kit/temporary-folders.ts';

const newFolder = temporaryFolders('claude-store');
let folder = '';
beforeEach(() => {
  folder = join(newFolder(), '.claude');
  mkdirSync(folder);
});

const manners = { staleMs: 60_000, renewMs: 5_000, tries: 2, waitMs: [1, 2] as const };
const storeOf = () => createClaudeCodeStore({ folder, clock: systemClock, manners });
const put = (text: string): void => writeFileSync(credentialsFile(folder), text, { mode: 0o600 });
const text = (): string => readFileSync(credentialsFile(folder), 'utf8');
const document = (oauth: object, rest: object = {}): string =>
  JSON.stringify({ ...rest, claudeAiOauth: oauth }, null, 2);
const [access, refresh] = ['sk-ant-oat01-first', 'sk-ant-ort01-first'];
const first = {
  accessToken: access,
  refreshToken: refresh,
  expiresAt: 1_900_000_000_000,
  scopes: ['user:inference'],
};
const login = (change: Partial<Login> = {}): Login => ({
  accessToken: new Secret('sk-ant-oat01-second'),
  refreshToken: new Secret('sk-ant-ort01-second'),
  expiresAt: asEpoch(1_900_000_001_000),
  scopes: ['user:inference'],
  ...change,
});

describe('the login in Claude Code’s own store', () => {
  test('is read anew each time; null when signed out', async () => {
    const store = storeOf();
    expect(await store.read()).toBeNull();
    put(document(first));
    const read = await store.read();
    expect(read?.accessToken.reveal()).toBe(access);
    expect(read?.refreshToken?.reveal()).toBe(refresh);
    expect(read).toMatchObject({ expiresAt: first.expiresAt, scopes: first.scopes });
    put(document({ ...first, accessToken: '', refreshToken: '' }));
    expect(await store.read()).toBeNull();
  });

  test('only its own root is looked at', async () => {
    put(JSON.stringify({ ...first, mcpOAuth: { a: first } }));
    expect(await storeOf().read()).toBeNull();
    expect(loginInCredentials('[]')).toBeNull();
    expect(loginInCredentials('{"claudeAiOauth":"x"}')).toBeNull();
  });

  test('is written in its place, and everything else stays byte for byte', async () => {
    const before = `{\n\t"mcpOAuth": { "server|1": {"accessToken":"theirs",  "n": 1.50e3} },\n\t"claudeAiOauth": {\n\t\t"accessToken": "${access}",\n\t\t"refreshToken": "${refresh}",\n\t\t"expiresAt": 1,\n\t\t"scopes": [ "user:inference" ],\n\t\t"subscriptionType": "max"\n\t},\n\t"last": null\n}\n`;
    put(before);
    const store = storeOf();
    await store.read();
    await store.write(login());
    const expected = before
      .replace(access, 'sk-ant-oat01-second')
      .replace(refresh, 'sk-ant-ort01-second')
      .replace('"expiresAt": 1,', '"expiresAt": 1900000001000,');
    expect(text()).toBe(expected);
    expect(statSync(credentialsFile(folder)).mode & 0o777).toBe(0o600);
    expect((await store.read())?.accessToken.reveal()).toBe('sk-ant-oat01-second');
  });

  test('whatever other programs keep there survives, 100 of 100', async () => {
    const rest = fc.dictionary(
      fc.string().filter((key) => !['claudeAiOauth', '__proto__'].includes(key)),
      fc.jsonValue(),
    );
    const space = fc.constantFrom(undefined, 1, 2, '\t');
    await fc.assert(
      fc.asyncProperty(rest, rest, space, async (around, inside, indent) => {
        const known = new Set(['accessToken', 'refreshToken', 'expiresAt', 'scopes']);
        const more = Object.fromEntries(Object.entries(inside).filter(([key]) => !known.has(key)));
        put(JSON.stringify({ ...around, claudeAiOauth: { ...more, ...first } }, null, indent));
        const was = JSON.parse(text()) as { claudeAiOauth: object };
        const store = storeOf();
        await store.read();
        await store.write(login());
        const now = JSON.parse(text()) as { claudeAiOauth: object };
        const tokens = { accessToken: 'sk-ant-oat01-second', refreshToken: 'sk-ant-ort01-second' };
        const wanted = { ...was.claudeAiOauth, ...tokens, expiresAt: 1_900_000_001_000 };
        expect(now).toEqual({ ...was, claudeAiOauth: wanted });
        expect(Object.keys(now)).toEqual(Object.keys(was));
        expect(Object.keys(now.claudeAiOauth)).toEqual(Object.keys(was.claudeAiOauth));
      }),
      { numRuns: 100 },
    );
  });

  test('an unknown token, time or scope never takes the place of a known one', async () => {
    put(document(first));
    const store = storeOf();
    await store.read();
    await store.write(login({ refreshToken: null, expiresAt: null, scopes: [] }));
    expect(JSON.parse(text())).toEqual({ claudeAiOauth: { ...first, accessToken: 'sk-ant-oat01-second' } });
  });

  test('tokens that Claude Code has emptied are filled', async () => {
    put(document(first));
    const store = storeOf();
    await store.read();
    put(document({ ...first, accessToken: '', refreshToken: '', expiresAt: 0 }, { mcpOAuth: { kept: 1 } }));
    await store.write(login());
    expect(JSON.parse(text())).toMatchObject({
      mcpOAuth: { kept: 1 },
      claudeAiOauth: { accessToken: 'sk-ant-oat01-second', refreshToken: 'sk-ant-ort01-second' },
    });
  });

  test('what Claude Code has signed in to or out of meanwhile is not written over', async () => {
    const store = storeOf();
    const changed = { code: 'login_changed' };
    const others = [
      document({ ...first, refreshToken: 'sk-ant-ort01-other' }),
      document({ ...first, accessToken: '', refreshToken: 'sk-ant-ort01-other' }),
      '{"mcpOAuth":{}}',
    ];
    for (const other of others) {
      put(document(first));
      await store.read();
      put(other);
      await expect(store.write(login())).rejects.toMatchObject(changed);
      expect(text()).toBe(other);
    }
    put(document(first));
    await store.read();
    rmSync(credentialsFile(folder));
    await expect(store.write(login())).rejects.toMatchObject(changed);
  });

  test('a look by somebody else, while the login is renewed, is no leave to write over another one', async () => {
    put(document(first));
    const store = storeOf();
    const other = document({ ...first, refreshToken: 'sk-ant-ort01-other' });
    const renewal = store.exclusively(async () => {
      await store.read();
      put(other);
      await store.read();
      await store.write(login());
    });
    await expect(renewal).rejects.toMatchObject({ code: 'login_changed' });
    expect(text()).toBe(other);
    // The next renewal begins with what is there.
    const next = store.exclusively(async () => {
      await store.read();
      await store.write(login());
    });
    await expect(next).resolves.toBeUndefined();
  });

  test('a document that changes between look and write is looked at again', async () => {
    put(document(first));
    const raw = claudeCodeDocument(folder, 'linux');
    let looks = 0;
    const changing = {
      ...raw,
      read: async () => {
        const found = await raw.read();
        if ((looks += 1) === 2) put(document(first, { mcpOAuth: { added: true } }));
        return found;
      },
    };
    const store = createClaudeCodeStore({ folder, clock: systemClock, manners, document: changing });
    await store.read();
    await store.write(login());
    expect(JSON.parse(text())).toMatchObject({
      mcpOAuth: { added: true },
      claudeAiOauth: { refreshToken: 'sk-ant-ort01-second' },
    });
  });

  test('what is gone again as soon as it was written is no success', async () => {
    put(document(first));
    const raw = claudeCodeDocument(folder, 'linux');
    const overtaken = {
      ...raw,
      replace: async (before: string, after: string) => {
        const done = await raw.replace(before, after);
        put(document({ ...first, accessToken: 'sk-ant-oat01-other', refreshToken: 'sk-ant-ort01-other' }));
        return done;
      },
    };
    const store = createClaudeCodeStore({ folder, clock: systemClock, manners, document: overtaken });
    await store.read();
    await expect(store.write(login())).rejects.toMatchObject({ code: 'login_changed' });
  });

  test('a half-written file is looked at again; one that stays broken is said and left alone', async () => {
    const half = document(first).slice(0, 60);
    put(half);
    const store = storeOf();
    const reading = store.read();
    put(document(first));
    expect((await reading)?.accessToken.reveal()).toBe(access);
    put(half);
    await expect(store.read()).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(store.write(login())).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(text()).toBe(half);
  });
});

describe('the locks of Claude Code', () => {
  const locks = () => [join(folder, '.oauth_refresh.lock'), `${folder}.lock`];

  test('both are held while the work is done', async () => {
    const seen = await storeOf().exclusively(async () => locks().map((path) => statSync(path).isDirectory()));
    expect(seen).toEqual([true, true]);
    for (const path of locks()) expect(() => statSync(path)).toThrow('ENOENT');
  });

  test.each([0, 1])('while Claude Code holds one of them (%d) nothing is done', async (which) => {
    const path = locks()[which] ?? '';
    mkdirSync(path);
    await expect(storeOf().exclusively(async () => 'in')).rejects.toMatchObject({ code: 'locked' });
    const old = Date.now() / 1000 - 61;
    utimesSync(path, old, old);
    expect(await storeOf().exclusively(async () => 'in')).toBe('in');
  });

  test('without the folder nothing is locked and nothing is done, visibly', async () => {
    rmSync(folder, { recursive: true });
    const asked = storeOf().exclusively(async () => 'in');
    await expect(asked).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});

describe('a watch for changes', () => {
  test('of a folder that cannot be looked into begins all the same, and tells when it can', async () => {
    rmSync(folder, { recursive: true });
    symlinkSync(folder, folder);
    const store = createClaudeCodeStore({ folder, clock: systemClock, manners, lookMs: 5 });
    await new Promise<void>((resolve) => {
      const unwatch = store.watch?.(resolve);
      onTestFinished(() => unwatch?.());
      rmSync(folder);
      mkdirSync(folder);
      put(document(first));
    });
    expect((await store.read())?.accessToken.reveal()).toBe(access);
  });
});

describe('on macOS (against a stand-in for its program)', () => {
  const standIn = (body: string): string => {
    const path = join(folder, 'security');
    writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    return path;
  };
  const documentWith = (body: string) => claudeCodeDocument(folder, 'darwin', standIn(body));

  test('the keychain item comes before the file', async () => {
    put('the file');
    expect(await documentWith('echo the item').read()).toBe('the item');
  });

  test('without an item, and with a locked keychain, it is the file, as for Claude Code itself', async () => {
    put('one');
    for (const code of [44, 36]) {
      const found = documentWith(`exit ${code}`);
      expect(await found.read()).toBe('one');
      expect(await found.replace('one', 'two')).toBe(true);
      expect(text()).toBe('two');
      put('one');
    }
  });

  test('a locked keychain without a file is said; neither of them is signed out', async () => {
    const locked = { code: 'store_unavailable', message: expect.stringContaining('keychain') };
    await expect(documentWith('exit 36').read()).rejects.toMatchObject(locked);
    expect(await documentWith('exit 44').read()).toBeNull();
  });
});

describe('the folder of Claude Code', () => {
  test('is the one that Claude Code itself would take', () => {
    expect(claudeCodeFolder({})).toBe(join(homedir(), '.claude'));
    expect(claudeCodeFolder({ CLAUDE_CONFIG_DIR: '' })).toBe(join(homedir(), '.claude'));
    expect(claudeCodeFolder({ CLAUDE_CONFIG_DIR: '/a' })).toBe('/a');
    expect(claudeCodeFolder({ CLAUDE_CONFIG_DIR: '/a', CLAUDE_SECURESTORAGE_CONFIG_DIR: '/b' })).toBe('/b');
  });
});
