import { once } from 'node:events';
import { connect } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Command } from '../../source/shared/commands.ts';
import { CcrError } from '../../source/shared/errors.ts';
import { event, greeted, rawClient, serve, token } from './served.ts';

const status = { id: 1, command: { name: 'status', args: {} } };
const account = { name: 'work', kind: 'api-key', baseUrl: null, priority: null, weight: null, force: false };

describe('before the token was shown', () => {
  test.each([
    ['a wrong token', { hello: { token: token.replace('a', 'b'), protocol: 1 } }],
    ['a part of it', { hello: { token: token.slice(0, 63), protocol: 1 } }],
    ['an empty one', { hello: { token: '', protocol: 1 } }],
    ['no hello', status],
    ['a subscription', { id: 1, subscribe: { after: null } }],
    ['what a browser sends', 'GET / HTTP/1.1'],
  ])('nothing is answered and the connection is over at once: %s', async (_, message) => {
    const { socketPath } = await serve();
    const client = rawClient(socketPath);
    client.send(message, status);
    expect(await client.ended).toBe('');
  });

  test('nothing is executed, whatever comes behind a wrong token in the same bytes', async () => {
    const executed: Command[] = [];
    const { socketPath } = await serve({ execute: async (command) => executed.push(command) });
    const client = rawClient(socketPath);
    client.send({ hello: { token: 'x', protocol: 1 } }, status, { hello: { token, protocol: 1 } }, status);
    expect(await client.ended).toBe('');
    expect(executed).toEqual([]);
  });

  test('a client that stays silent, or never ends its line, is sent away', async () => {
    const { socketPath } = await serve({ helloMs: 60 });
    const silent = rawClient(socketPath);
    const slow = rawClient(socketPath);
    slow.socket.write('{"hello"');
    const flooding = rawClient(socketPath);
    flooding.socket.write('x'.repeat(5000));
    expect(await Promise.all([silent.ended, slow.ended, flooding.ended])).toEqual(['', '', '']);
  });
});

describe('a client that has shown it', () => {
  test('is welcomed and gets an answer to each command, by its id', async () => {
    const { socketPath } = await serve();
    const client = rawClient(socketPath);
    client.send({ hello: { token, protocol: 1 } }, status, { ...status, id: 2 });
    const url = 'http://127.0.0.1:4180';
    expect(await client.next()).toEqual({
      welcome: { protocol: 1, version: '1.0.0', pid: process.pid, url, readOnly: false },
    });
    expect(await client.next()).toEqual({ id: 1, result: { did: 'status' } });
    expect(await client.next()).toEqual({ id: 2, result: { did: 'status' } });
    client.socket.destroy();
  });

  test('is told which version it met, and no more, when it speaks another one', async () => {
    const { socketPath } = await serve();
    const client = rawClient(socketPath);
    client.send({ hello: { token, protocol: 2 } }, status);
    expect(await client.ended).toMatch(/^\{"welcome":\{"protocol":1,.*\}\}\n$/);
  });

  test('gets the typed error of a command, and of one that throws anything', async () => {
    const thrown: unknown[] = [new CcrError('locked', 'busy', { hint: 'again' }), 'text', null];
    const { socketPath } = await serve({
      execute: () => {
        throw thrown.shift();
      },
    });
    const client = await greeted(socketPath);
    client.send(status, status, status);
    expect(await client.next()).toEqual({
      id: 1,
      error: { code: 'locked', message: 'busy', hint: 'again', problems: [] },
    });
    expect(await client.next()).toMatchObject({ error: { code: 'failed', message: 'text' } });
    expect(await client.next()).toMatchObject({ error: { code: 'failed' } });
    client.socket.destroy();
  });

  test('may get no result, or one that is no JSON, without harm', async () => {
    const results: unknown[] = [undefined, 1n];
    const { socketPath } = await serve({ execute: async () => results.shift() });
    const client = await greeted(socketPath);
    client.send(status, status);
    expect(await client.next()).toEqual({ id: 1, result: null });
    expect(await client.next()).toMatchObject({ id: 1, error: { code: 'failed' } });
    client.socket.destroy();
  });

  test('has its secret in bytes of its own, wiped when the command is over', async () => {
    let seen = '';
    let kept = new Uint8Array();
    const { socketPath } = await serve({
      execute: async (command, secret) => {
        kept = (secret as Uint8Array<ArrayBuffer> | null) ?? kept;
        seen = Buffer.from(kept).toString();
        expect(JSON.stringify(command)).not.toContain('sk-ant');
      },
    });
    const client = await greeted(socketPath);
    const secret = Buffer.from('sk-ant-api03-marker').toString('base64');
    client.send({ id: 1, command: { name: 'account.add', args: account }, secret });
    expect(await client.next()).toEqual({ id: 1, result: null });
    expect(seen).toBe('sk-ant-api03-marker');
    await expect.poll(() => [...kept].every((byte) => byte === 0)).toBe(true);
    client.socket.destroy();
  });

  test('is a command of its own in the audit log, or the screen that had it carried out', async () => {
    const asked: unknown[] = [];
    const { socketPath } = await serve({ execute: async (_command, _secret, via) => asked.push(via) });
    for (const hello of [{}, { via: 'screen' }, { via: 'attached' }, { via: 'instance' }]) {
      const client = await greeted(socketPath, hello);
      client.send(status);
      await client.next();
      client.socket.destroy();
    }
    expect(asked).toEqual(['cli', 'screen', 'attached', 'cli']);
  });

  test('that may only read cannot change anything', async () => {
    const executed: string[] = [];
    const { socketPath } = await serve({ execute: async ({ name }) => executed.push(name) });
    const client = await greeted(socketPath, { readOnly: true });
    const commands = [
      { name: 'account.add', args: account },
      { name: 'account.remove', args: { account: 'work' } },
      { name: 'account.pause', args: { account: 'work' } },
      { name: 'account.resume', args: { account: 'work' } },
      { name: 'config.set', args: { key: 'port', value: 1 } },
      { name: 'config.unset', args: { key: 'port' } },
      { name: 'stop', args: {} },
    ];
    for (const command of commands) {
      client.send({ id: 1, command });
      expect(await client.next()).toMatchObject({ id: 1, error: { code: 'control_refused' } });
    }
    for (const name of ['status', 'account.list']) {
      client.send({ id: 2, command: { name, args: {} } });
      expect(await client.next()).toMatchObject({ id: 2, result: expect.anything() });
    }
    expect(executed).toEqual(['status', 'account.list']);
    client.socket.destroy();
  });

  test('is answered a wrong message that has an id, and cut after one that has none', async () => {
    const { socketPath } = await serve();
    const client = await greeted(socketPath);
    client.send({ id: 5, command: { name: 'format', args: {} } });
    expect(await client.next()).toMatchObject({ id: 5, error: { code: 'usage' } });
    client.send(status);
    expect(await client.next()).toMatchObject({ id: 1, result: {} });
    client.socket.write('nonsense\n');
    expect(await client.next()).toMatchObject({ id: null, error: { code: 'usage' } });
    await client.ended;
  });

  test('is cut at a line of more than 1 MiB', async () => {
    const { socketPath } = await serve();
    const client = await greeted(socketPath);
    const line = (length: number): string => `${'x'.repeat(length)}\n`;
    client.socket.write(line(2 ** 20 + 1));
    expect(await client.next()).toMatchObject({ id: null, error: { message: 'a line of more than 1 MiB' } });
    await client.ended;
  });

  test('may not have more than 64 commands under way', async () => {
    const { socketPath } = await serve({ execute: () => new Promise(() => undefined) });
    const client = await greeted(socketPath);
    for (let id = 1; id <= 65; id += 1) client.send({ ...status, id });
    expect(await client.next()).toMatchObject({ id: 65, error: { message: 'too many commands at once' } });
    client.socket.destroy();
  });
});

test('a subscriber that does not read loses its connection, the others and the instance nothing', async () => {
  const { socketPath, feed } = await serve();
  const reading = await greeted(socketPath);
  const asleep = await greeted(socketPath);
  for (const client of [reading, asleep]) {
    client.send({ id: 1, subscribe: { after: null } });
    await client.next();
  }
  asleep.socket.pause();
  const text = 'x'.repeat(32_000);
  let last = 0;
  for (let n = 0; n < 250; n += 1) {
    feed.emit({ type: 'logged', at: event(0).at, level: 'info', text });
    last = ((await reading.next()).event as { seq: number }).seq;
  }
  expect(last).toBe(250);
  asleep.socket.resume();
  expect((await asleep.ended).length).toBeLessThan(250 * text.length);
  reading.send(status);
  expect(await reading.next()).toMatchObject({ id: 1, result: {} });
  reading.socket.destroy();
});

test('nothing that a client sends can end the instance', async () => {
  const { socketPath, instance } = await serve();
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(
      Buffer.from(`{"hello":{"token":"${token}","protocol":1}}\n`),
      Buffer.from(`${JSON.stringify(status)}\n`),
      Buffer.from('{"id":1,"subscribe":{"after":0}}\n'),
      Buffer.from('{"id":1,"command":{"name":"__proto__"}}\n'),
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 6 }), fc.boolean(), async (parts, abort) => {
      const socket = connect(socketPath);
      socket.on('error', () => undefined);
      socket.resume();
      for (const bytes of parts) socket.write(bytes);
      const closed = once(socket, 'close');
      if (abort) socket.destroy();
      else socket.end();
      await closed.catch(() => undefined);
    }),
    { numRuns: 150 },
  );
  const client = await greeted(instance.socket);
  client.send(status);
  expect(await client.next()).toEqual({ id: 1, result: { did: 'status' } });
  client.socket.destroy();
});
