import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { resolvePaths } from '../../source/config/paths.ts';
import { newClientKey } from '../../source/credentials/key-pepper.ts';
import { dayOf } from '../../source/proxy/key-limits.ts';
import type { FromWorker, ToWorker, WorkerSettings } from '../../source/proxy/messages.ts';
import { unlimited } from '../../source/shared/client-key.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { unpackEvents } from '../../source/shared/packed-events.ts';
import { awayFromMidnight } from '../kit/away-from-midnight.ts';
import { keyRecord } from '../kit/records.ts';
import { temporaryHome } from '../kit/temporary-home.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import {
  accountId,
  answerAll,
  answerBytes,
  endAll,
  ending,
  record,
  testConfig,
  type TestConfig,
} from './start-proxy.ts';

afterEach(endAll);

type Of<Type extends FromWorker['type']> = Extract<FromWorker, { type: Type }>;

/** The thread alone, spoken to in its own messages. */
const startThread = async (config: TestConfig = {}, more: Partial<WorkerSettings> = {}) => {
  const home = await temporaryHome();
  ending({ close: home.remove });
  const paths = resolvePaths({ CCR_TUI_HOME: home.path });
  const workerData: WorkerSettings = { config: testConfig(config), accounts: [], paths, ...more };
  const worker = new Worker(new URL('../../source/proxy/worker.ts', import.meta.url), { workerData });
  ending({ close: () => worker.terminate() });
  const told: FromWorker[] = [];
  const waiting = new Set<() => void>();
  worker.on('message', (message: FromWorker) => {
    told.push(message);
    for (const look of waiting) look();
  });
  const heard = <Type extends FromWorker['type']>(type: Type, index = 0): Promise<Of<Type>> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = told.filter((message): message is Of<Type> => message.type === type)[index];
        if (found) resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { worker, told, heard, paths, say: (message: ToWorker) => worker.postMessage(message) };
};

const put = (call: number, name: string, secret: string): ToWorker => ({
  type: 'secret.put',
  call,
  account: accountId(name),
  secret: new TextEncoder().encode(secret),
  decided: null,
});

describe('the thread', () => {
  test('refuses to run outside a thread', async () => {
    await expect(import('../../source/proxy/worker.ts')).rejects.toThrow(/as a worker thread/);
  });

  test('says where it listens, or why it does not', async () => {
    const first = await startThread();
    const { port, url, host } = await first.heard('listening');
    expect({ url, host }).toEqual({ url: `http://127.0.0.1:${port}`, host: '127.0.0.1' });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const second = await startThread({ port });
    expect((await second.heard('failed')).error).toMatchObject({
      code: 'port_in_use',
      message: expect.stringContaining(String(port)),
      hint: expect.stringContaining('--port'),
    });
  });

  test('sends no second batch before the first is acknowledged', async () => {
    const thread = await startThread();
    const { url } = await thread.heard('listening');
    const { batch } = await thread.heard('events');
    await (await fetch(`${url}/v1/models`)).text();
    await new Promise((resolve) => {
      setTimeout(resolve, 200);
    });
    expect(thread.told.filter(({ type }) => type === 'events')).toHaveLength(1);
    thread.say({ type: 'acknowledged', batch });
    const { json } = await thread.heard('events', 1);
    const events = unpackEvents(json);
    expect(events.map(({ type }) => type)).toContain('requestFinished');
  });

  test('stores a secret, serves with it, and forgets it', async () => {
    const upstream = ending(await startRawUpstream(answerAll(answerBytes(200, {}, '{}'))));
    const thread = await startThread({ credentialStore: 'memory' });
    const { url } = await thread.heard('listening');
    thread.say(put(7, 'work', 'sk-marker'));
    expect(await thread.heard('secret.stored')).toMatchObject({ call: 7, store: 'memory' });
    thread.say({ type: 'accounts', accounts: [record({ name: 'work', url: upstream.url })] });
    const headers = { 'content-type': 'application/json' };
    const ask = () => fetch(`${url}/v1/messages`, { method: 'POST', headers, body: '{}' });
    await expect.poll(async () => (await ask()).status).toBe(200);
    expect(upstream.connections[0]?.received().toString()).toContain('x-api-key: sk-marker');
    thread.say({ type: 'accounts', accounts: [] });
    thread.say({ type: 'secret.remove', call: 8, account: accountId('work'), store: 'memory' });
    expect(await thread.heard('secret.removed')).toMatchObject({ call: 8 });
    thread.say({ type: 'accounts', accounts: [record({ name: 'work', url: upstream.url })] });
    await expect.poll(async () => (await ask()).status).toBe(503);
    expect(JSON.stringify(thread.told)).not.toContain('sk-marker');
  });

  test(
    'holds a key with a daily budget back until it is told what that has spent, another thread begins with it',
    { timeout: 60_000 },
    async () => {
      await awayFromMidnight();
      const thread = await startThread({ credentialStore: 'vault' }, { spending: null });
      const { url } = await thread.heard('listening');
      const key = newClientKey().reveal();
      const place = { store: null, inUse: false };
      thread.say({ type: 'key.hash', call: 1, key: new TextEncoder().encode(key), place });
      const { hash, store } = (await thread.heard('key.hashed')).hashed;
      const limits = { ...unlimited, dailyTokens: 5 };
      const clientKey = keyRecord('ci', { id: 'one', hash, store, limits });
      thread.say({ type: 'keys', keys: [clientKey] });
      const ask = async (at: string) => {
        const { status } = await fetch(`${at}/v1/models`, { headers: { 'x-api-key': key } });
        return status;
      };
      await expect.poll(async () => (await fetch(`${url}/v1/models`)).status).toBe(401);
      const held = ask(url);
      const first = await Promise.race([held, delay(200)]);
      const day = dayOf(asEpoch(Date.now()));
      const spending = new Map([['one', { day, tokens: 5, usd: 0 }]]);
      thread.say({ type: 'spending', spending });
      expect([first, await held]).toEqual([undefined, 429]);
      const again = { spending, clientKeys: [clientKey], paths: thread.paths };
      const next = await startThread({ credentialStore: 'vault' }, again);
      expect(await ask((await next.heard('listening')).url)).toBe(429);
    },
  );

  test('tells why a secret could not be stored, and lives', async () => {
    const thread = await startThread({ credentialStore: 'vault' });
    await thread.heard('listening');
    // A vault without its key beside it cannot be opened, and is not overwritten.
    await writeFile(thread.paths.vault, 'this is no vault');
    thread.say(put(1, 'work', 'sk-marker'));
    const { call, error } = await thread.heard('secret.failed');
    expect({ call, code: error.code }).toEqual({ call: 1, code: 'store_unavailable' });
    expect(JSON.stringify(error)).not.toContain('sk-marker');
    expect((await fetch(`${(await thread.heard('listening')).url}/healthz`)).status).toBe(200);
  });

  test('remembers who made a file, across its end', async () => {
    const body = '{"type":"file","id":"file_1"}';
    const json = { 'content-type': 'application/json' };
    const upstream = ending(await startRawUpstream(answerAll(answerBytes(200, json, body))));
    const accounts = [record({ name: 'work', url: upstream.url })];
    const thread = await startThread({ credentialStore: 'memory' });
    const { url } = await thread.heard('listening');
    thread.say(put(7, 'work', 'sk-marker'));
    await thread.heard('secret.stored');
    thread.say({ type: 'accounts', accounts });
    const upload = () => fetch(`${url}/v1/files`, { method: 'POST', headers: json, body: '{}' });
    await expect.poll(async () => (await upload()).status).toBe(200);
    thread.say({ type: 'drain', limitMs: 1000 });
    await thread.heard('drained');
    const file = join(thread.paths.home, 'owners.json');
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual([['file_1', accountId('work')]]);
  });

  test('keeps what is known of a refresh of a login that came after its start, and nothing of accounts that have gone', async () => {
    const thread = await startThread({ credentialStore: 'memory' });
    await thread.heard('listening');
    const entryOf = (name: string): string => join(thread.paths.journal, `${accountId(name)}.json`);
    await mkdir(thread.paths.journal);
    for (const name of ['plan', 'gone']) await writeFile(entryOf(name), '{}');
    const url = 'http://127.0.0.1:9';
    thread.say({ type: 'accounts', accounts: [record({ name: 'plan', url, kind: 'login' })] });
    await expect.poll(() => existsSync(entryOf('gone'))).toBe(false);
    await delay(50);
    expect(existsSync(entryOf('plan'))).toBe(true);
  });

  test('takes new settings, and ends its port when it is told to', async () => {
    const thread = await startThread();
    const { url, port } = await thread.heard('listening');
    expect((await fetch(url)).status).toBe(200);
    thread.say({ type: 'config', config: testConfig({ port, bodyLimitMiB: 1 }) });
    const large = { method: 'POST', body: Buffer.alloc(1_048_577) };
    await expect.poll(async () => (await fetch(`${url}/v1/messages`, large)).status).toBe(413);
    thread.say({ type: 'drain', limitMs: 1000 });
    expect(await thread.heard('drained')).toEqual({ type: 'drained', cut: 0 });
    await expect(fetch(`${url}/healthz`)).rejects.toThrow(/fetch failed/);
  });
});
