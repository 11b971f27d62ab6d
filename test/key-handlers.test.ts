import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDocument } from '../source/config/document.ts';
import { resolvePaths, type Paths } from '../source/config/paths.ts';
import { loadSettings, type Settings } from '../source/config/settings.ts';
import { createPepper, newClientKey } from '../source/credentials/key-pepper.ts';
import { createSecretKeeper } from '../source/credentials/secret-keeper.ts';
import { keyHandlers, openInstanceKeys } from '../source/key-handlers.ts';
import { createClientKeys } from '../source/proxy/client-keys.ts';
import { unlimited } from '../source/shared/client-key.ts';
import { systemClock } from '../source/shared/clock.ts';
import type { Secret } from '../source/shared/secret.ts';
import { asEpoch, type EpochMs } from '../source/shared/types.ts';
import { temporaryHome, type TemporaryHome } from './kit/temporary-home.ts';

let home: TemporaryHome;
let paths: Paths;
beforeEach(async () => {
  home = await temporaryHome();
  paths = resolvePaths({ CCR_TUI_HOME: home.path });
});
afterEach(() => home.remove());

/** The keys of an instance, with a data plane in this thread. */
const open = (change: Partial<Settings['config']> = {}) => {
  const loaded = loadSettings({ paths, env: {} });
  const settings: Settings = { ...loaded, config: { ...loaded.config, ...change } };
  const pepper = createPepper(createSecretKeeper({ paths, preference: 'vault' }).pepper);
  const plane = createClientKeys({
    config: () => settings.config,
    clock: systemClock,
    loadPepper: pepper.load,
    log: () => undefined,
  });
  const keys = openInstanceKeys({
    document: openDocument(paths),
    settings,
    clock: systemClock,
    proxy: { setClientKeys: (records) => plane.replace(records), hashKey: pepper.hash },
    lockFile: paths.keyLock,
  });
  const used = new Map<string, EpochMs>();
  const handlers = keyHandlers({ keys, settings, lastUse: (id) => used.get(id) ?? null });
  const refusal = async (key: Secret): Promise<string | null> => {
    const shown = ['x-api-key', key.reveal()];
    return (await plane.identify(shown, '/v1/messages')).refusal?.code ?? null;
  };
  return { settings, handlers, used, refusal };
};

const bytesOf = (key: Secret): Uint8Array => Buffer.from(key.reveal());
const wanted = { name: 'ci', kind: 'user', limits: unlimited, pid: null } as const;

describe('a key of a running instance', () => {
  test('opens when its making is answered, is replaced and ends at once, and is on disk by then', async () => {
    const { handlers, settings, refusal } = open();
    const key = newClientKey();
    const { key: view } = await handlers['key.create'](wanted, bytesOf(key));
    expect(await refusal(key)).toBeNull();
    expect(loadSettings({ paths, env: {} }).clientKeys).toEqual(settings.clientKeys);
    const second = newClientKey();
    await handlers['key.rotate']({ key: 'ci', graceMs: 0 }, bytesOf(second));
    expect([await refusal(key), await refusal(second)]).toEqual(['key_wrong', null]);
    const revoked = await handlers['key.revoke']({ key: view.id, kind: null }, null);
    expect(revoked.revokedAt).not.toBeNull();
    expect(await refusal(second)).toBe('key_wrong');
    expect(loadSettings({ paths, env: {} }).clientKeys).toEqual(settings.clientKeys);
  });

  test('leaves nothing of itself in what is answered, nor in the bytes that it came in', async () => {
    const { handlers } = open();
    const key = newClientKey();
    const bytes = bytesOf(key);
    const answer = await handlers['key.create'](wanted, bytes);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    const told = JSON.stringify([answer, await handlers['key.list']({}, null)]);
    expect(told).not.toContain(key.reveal().slice(4));
    expect(told).not.toMatch(/hash|store|process/);
  });

  test('that is made wrongly is refused, and nothing changes', async () => {
    const { handlers, settings } = open();
    const run = { ...wanted, kind: 'run' } as const;
    for (const [args, secret, code] of [
      [wanted, null, 'bad_secret'],
      [wanted, Buffer.from('ccr_short'), 'bad_secret'],
      [{ ...wanted, name: 'default' }, bytesOf(newClientKey()), 'usage'],
      [run, bytesOf(newClientKey()), 'usage'],
      [{ ...wanted, pid: process.pid }, bytesOf(newClientKey()), 'usage'],
    ] as const) {
      await expect(handlers['key.create'](args, secret)).rejects.toMatchObject({ code });
    }
    await expect(
      handlers['key.rotate']({ key: 'ci', graceMs: 0 }, bytesOf(newClientKey())),
    ).rejects.toMatchObject({
      code: 'unknown_key',
    });
    expect(settings.clientKeys).toEqual([]);
  });

  test('of run belongs to the process that asked for it', async () => {
    const { handlers, settings } = open();
    const run = { ...wanted, kind: 'run', pid: process.pid } as const;
    await handlers['key.create'](run, bytesOf(newClientKey()));
    expect(settings.clientKeys[0]?.process?.pid).toBe(process.pid);
    expect(settings.clientKeys[0]?.process?.birth).not.toBe('');
  });

  test('is listed with its newest use, though that is not written down yet', async () => {
    const { handlers, used } = open();
    const { key } = await handlers['key.create'](wanted, bytesOf(newClientKey()));
    expect((await handlers['key.list']({}, null))[0]?.lastUsedAt).toBeNull();
    used.set(key.id, asEpoch(5));
    expect((await handlers['key.list']({}, null))[0]?.lastUsedAt).toBe(5);
  });
});

describe('that clients have to show a key from now on', () => {
  const required = async (kind: 'user' | 'connect', change: Partial<Settings['config']> = {}, name = 'ci') =>
    (await open(change).handlers['key.create']({ ...wanted, kind, name }, bytesOf(newClientKey()))).required;

  test('is said with the first key of a person, and with no other', async () => {
    expect(await required('connect', {}, 'claude-code')).toBe(false);
    expect(await required('user')).toBe(true);
    expect(await required('user', {}, 'second')).toBe(false);
  });

  test.each([true, false])(
    'is said beyond loopback only where everybody was let in until then: %s',
    async (insecureBind) => {
      expect(await required('user', { host: '192.0.2.1', insecureBind })).toBe(insecureBind);
    },
  );

  test('is not said where the setting decides', async () => {
    expect(await required('user', { requireClientKey: false }, 'a')).toBe(false);
    expect(await required('user', { requireClientKey: true }, 'b')).toBe(false);
  });
});
