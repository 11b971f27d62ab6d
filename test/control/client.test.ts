import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectControl } from '../../source/control/client.ts';
import { CcrError } from '../../source/shared/errors.ts';
import type { NumberedEvent } from '../../source/shared/events.ts';
import { Secret } from '../../source/shared/secret.ts';
import { event, serve } from './served.ts';

const timeoutMs = 15_000;

const open = async (...[options]: Parameters<typeof serve>) => {
  const served = await serve(options);
  const client = await connectControl(served.instance, { timeoutMs });
  return { ...served, client };
};

/** A subscriber that writes down what it is told. */
const recorder = (after: number | null) => {
  const told: unknown[] = [];
  return {
    told,
    after,
    onSnapshot: (snapshot: { seq: number; state: unknown }) => told.push(snapshot),
    onEvents: (events: readonly NumberedEvent[]) => told.push(events.map(({ seq }) => seq)),
  };
};
const seen = (told: readonly unknown[]): unknown[] => told.flat();

describe('a client', () => {
  test('runs commands on the instance, several at once', async () => {
    const { client } = await open();
    expect(client.welcome).toMatchObject({
      version: '1.0.0',
      pid: process.pid,
      url: 'http://127.0.0.1:4180',
    });
    const answers = await Promise.all([
      client.run('status', {}),
      client.run('account.pause', { account: 'a' }),
    ]);
    expect(answers).toEqual([{ did: 'status' }, { did: 'account.pause' }]);
    client.close();
    await client.closed;
  });

  test('hands over a secret of any bytes, and wipes its own copy', async () => {
    let got = '';
    const { client } = await open({
      execute: async (_, secret) => {
        got = Buffer.from(secret ?? []).toString('hex');
      },
    });
    const secret = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const wanted = Buffer.from(secret).toString('hex');
    const account = { name: 'w', kind: 'api-key', baseUrl: null, priority: null, weight: null } as const;
    await client.run('account.add', { ...account, force: false }, secret);
    expect(got).toBe(wanted);
    expect([...secret].every((byte) => byte === 0)).toBe(true);
  });

  test('rejects with the error of the instance, hint and all', async () => {
    const { client } = await open({
      execute: async () => {
        throw new CcrError('unknown_account', 'no account x', { hint: 'did you mean y?' });
      },
    });
    await expect(client.run('account.pause', { account: 'x' })).rejects.toMatchObject({
      code: 'unknown_account',
      exitCode: 3,
      lines: ['no account x; did you mean y?'],
    });
  });

  test('that may only read is told so', async () => {
    const { instance } = await serve();
    const client = await connectControl(instance, { timeoutMs, readOnly: true });
    await expect(client.run('status', {})).resolves.toEqual({ did: 'status' });
    await expect(client.run('stop', {})).rejects.toMatchObject({ code: 'control_refused' });
  });

  test('learns at once when the instance ends: what is open rejects, and what comes later', async () => {
    const { client, server } = await open({ execute: () => new Promise(() => undefined) });
    const pending = client.run('stop', {});
    const [outcome] = await Promise.allSettled([pending, server.close()]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'no_instance' } });
    await client.closed;
    await expect(client.run('status', {})).rejects.toMatchObject({ code: 'no_instance' });
    await expect(client.subscribe(recorder(null))).rejects.toMatchObject({ code: 'no_instance' });
  });
});

describe('a subscription', () => {
  test('begins with the state and goes on with each event, in order', async () => {
    const { client, feed } = await open();
    feed.emit(event(1), event(2));
    const subscriber = recorder(null);
    await client.subscribe(subscriber);
    expect(subscriber.told).toEqual([{ seq: 2, state: { last: 2 } }]);
    feed.emit(event(3), event(4));
    feed.emit(event(5));
    await expect.poll(() => seen(subscriber.told).slice(1)).toEqual([3, 4, 5]);
  });

  test('goes on where an earlier connection ended, without a snapshot', async () => {
    const { client, feed, instance } = await open();
    feed.emit(event(1), event(2));
    client.close();
    feed.emit(event(3));
    const again = await connectControl(instance, { timeoutMs });
    const subscriber = recorder(2);
    await again.subscribe(subscriber);
    feed.emit(event(4));
    await expect.poll(() => seen(subscriber.told)).toEqual([3, 4]);
  });

  test('starts anew when too much was missed', async () => {
    const { client, feed } = await open({ capacity: 3 });
    for (let n = 1; n <= 9; n += 1) feed.emit(event(n));
    const subscriber = recorder(2);
    await client.subscribe(subscriber);
    expect(subscriber.told).toEqual([{ seq: 9, state: { last: 9 } }]);
  });

  test('gets a state of many megabytes, and what happened meanwhile', async () => {
    const { client, feed } = await open({ snapshot: () => ['ü'.repeat(12_000_000)] });
    const subscriber = recorder(null);
    const subscribed = client.subscribe(subscriber);
    await new Promise(setImmediate);
    feed.emit(event(1));
    await subscribed;
    feed.emit(event(2));
    const { seq, state } = subscriber.told[0] as { seq: number; state: string[] };
    expect(state[0]?.length).toBe(12_000_000);
    await expect.poll(() => seen(subscriber.told).slice(1)).toEqual(seq === 0 ? [1, 2] : [2]);
  });
});

describe('nobody, or somebody else, behind the socket', () => {
  test('nobody is there: not running, exit 4', async () => {
    const { instance, server } = await serve();
    await server.close();
    await expect(connectControl(instance, { timeoutMs })).rejects.toMatchObject({
      code: 'no_instance',
      exitCode: 4,
    });
    const socket = `/${'x'.repeat(200)}`;
    await expect(connectControl({ ...instance, socket }, { timeoutMs })).rejects.toMatchObject({
      code: 'no_instance',
    });
  });

  test('the token of an earlier instance is refused', async () => {
    const { instance } = await serve();
    const stale = { ...instance, token: new Secret('00'.repeat(32)) };
    await expect(connectControl(stale, { timeoutMs })).rejects.toMatchObject({ code: 'control_refused' });
  });

  test.each([
    ['says nothing', '', 'does not answer', 200],
    ['speaks HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'wanted one JSON object per line', timeoutMs],
    [
      'is a newer version',
      '{"welcome":{"protocol":9,"version":"9.0.0","pid":1,"url":"u"}}\n',
      '9.0.0',
      timeoutMs,
    ],
  ])('one that %s is refused in words', async (_, bytes, words, limitMs) => {
    const { instance } = await serve();
    const socket = `${instance.socket}.other`;
    const other = createServer((connection) => connection.on('error', () => undefined).write(bytes));
    other.listen(socket);
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    await expect(connectControl({ ...instance, socket }, { timeoutMs: limitMs })).rejects.toMatchObject({
      code: 'control_refused',
      message: expect.stringContaining(words),
    });
  });
});
