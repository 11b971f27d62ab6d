import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../source/shared/clock.ts';
import { newClientKey } from '../../source/credentials/key-pepper.ts';
import { headBytes } from '../../source/proxy/capture.ts';
import { Captures } from '../../source/proxy/captures.ts';
import type { CaptureMode, PassedBody, PassedCapture } from '../../source/shared/capture.ts';
import { inRun } from '../kit/long-run.ts';
import { quietPort } from '../kit/quiet-port.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { connectRaw } from '../kit/raw-client.ts';
import type { RawConnection } from '../kit/raw-connection.ts';
import { startRawUpstream, type RawUpstream } from '../kit/raw-upstream.ts';
import { runningTime } from '../kit/running-time.ts';
import { clientKey } from './client-key.ts';
import { chunkedHead } from './cuts.ts';
import {
  answerBytes,
  ask,
  askBytes,
  chunk,
  endAll,
  ending,
  record,
  startProxy,
  type Ask,
  type TestProxy,
} from './start-proxy.ts';

afterEach(endAll);

const kib = 1024;
const secret = 'known-secret-of-work-0123456789';

type Case = TestProxy & {
  upstream: RawUpstream;
  captured: PassedCapture[];
  /** The n-th capture, when it has come. */
  capture(index?: number): Promise<PassedCapture>;
};

type Script = (connection: RawConnection) => Promise<void>;

const answering =
  (answer: Buffer): Script =>
  async (connection) => {
    while (await connection.message(60_000).catch(() => null)) await connection.send(answer);
  };

/** A proxy that captures, with one account whose key is `secret`, in front of a provider that answers that. */
const start = async (
  mode: CaptureMode,
  script: Script | undefined,
  { bodyBytes = 4 * kib, ...options }: { bodyBytes?: number } & Parameters<typeof startProxy>[1] = {},
): Promise<Case> => {
  const upstream = ending(await startRawUpstream(script));
  const captured: PassedCapture[] = [];
  const waiting = new Set<() => void>();
  const sendCapture = (capture: PassedCapture): void => {
    captured.push(capture);
    for (const look of waiting) look();
  };
  const accounts = [{ name: 'work', url: upstream.url, key: secret }];
  const proxy = await startProxy(accounts, { sendCapture, ...options });
  proxy.proxy.captures.set({ mode, bodyBytes });
  const capture = async (index = 0): Promise<PassedCapture> => {
    await proxy.row(index).catch(() => undefined);
    const { promise, resolve } = Promise.withResolvers<PassedCapture>();
    const look = (): void => {
      const found = captured[index];
      if (found) resolve(found);
    };
    waiting.add(look);
    look();
    return promise;
  };
  return { ...proxy, upstream, captured, capture };
};

const textOf = ({ bytes }: PassedBody): string => Buffer.from(bytes).toString('utf8');
const json = { 'content-type': 'application/json' };
const bad = answerBytes(400, json, '{"type":"error","error":{"type":"invalid_request_error"}}');
const fine = answerBytes(
  200,
  { ...json, 'x-own': `echo ${secret}` },
  `{"type":"message","text":"${secret}"}`,
);
const message = (text: string): Ask => ({
  path: '/v1/messages?beta=true&token=CANARY',
  headers: { 'x-api-key': 'shown-by-the-client', cookie: 'c=CANARY', ...json },
  body: JSON.stringify({ model: 'm', text }),
});

describe('a captured request', () => {
  test('has heads and bodies, and no credential of account or client', async () => {
    const proxy = await start('all', answering(fine));
    await ask(proxy, message(`${secret}, shown-by-the-client`));
    const { id, method, target, headers, body, answer } = await proxy.capture();
    expect({ id, method, target }).toEqual({
      id: (await proxy.row()).id,
      method: 'POST',
      target: '/v1/messages?beta=true&token=[secret]',
    });
    expect(headers).toContainEqual(['x-api-key', '[secret]']);
    expect(headers).toContainEqual(['cookie', '[secret]']);
    expect(headers).toContainEqual(['content-type', 'application/json']);
    expect(textOf(body)).toBe('{"model":"m","text":"[secret], [secret]"}');
    expect(body).toMatchObject({ cut: false, whole: true, encoding: null, problem: null });
    expect(answer?.status).toBe(200);
    expect(answer?.headers).toContainEqual(['x-own', 'echo [secret]']);
    expect(answer && textOf(answer.body)).toBe('{"type":"message","text":"[secret]"}');
    const all = JSON.stringify(proxy.captured, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    );
    for (const word of [secret, 'shown-by-the-client', 'CANARY']) expect(all).not.toContain(word);
  });

  test('has no credential of its target either where the provider says it again', async () => {
    const path = '/v1/messages?token=word-of-the-client';
    const answer = answerBytes(
      404,
      { ...json, 'content-location': `https://h${path}` },
      `nothing at ${path}`,
    );
    const proxy = await start('all', answering(answer));
    await ask(proxy, { ...message('x'), path });
    const capture = await proxy.capture();
    expect(capture.answer && textOf(capture.answer.body)).toBe('nothing at /v1/messages?token=[secret]');
    expect(capture.answer?.headers).toContainEqual([
      'content-location',
      'https://h/v1/messages?token=[secret]',
    ]);
  });

  test('has no secret either of an account that has gone meanwhile', async () => {
    const proxy = await start('all', undefined);
    const client = await connectRaw(proxy.port);
    await client.send(askBytes(proxy, message('x')));
    const connection = await proxy.upstream.connection(0);
    await connection.message();
    proxy.proxy.setAccounts([]);
    await connection.send(fine);
    await client.message();
    const { answer } = await proxy.capture();
    expect(answer && textOf(answer.body)).toBe('{"type":"message","text":"[secret]"}');
    client.reset();
  });

  test('has a secret out of it that came in two pieces', async () => {
    const proxy = await start('all', async (connection) => {
      await connection.message();
      await connection.send(chunkedHead);
      for (const part of ['data: ', secret.slice(0, 9), secret.slice(9), ' end\n\n']) {
        await connection.send(chunk(Buffer.from(part)));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await connection.send('0\r\n\r\n');
    });
    await ask(proxy, { method: 'POST' });
    const { answer } = await proxy.capture();
    expect(answer && textOf(answer.body)).toBe('data: [secret] end\n\n');
    expect(answer?.body).toMatchObject({ whole: true, cut: false });
  });

  test('is unpacked when its answer came compressed', async () => {
    const packed = gzipSync(JSON.stringify({ text: secret }));
    const answer = answerBytes(200, { ...json, 'content-encoding': 'gzip' }, packed);
    const proxy = await start('all', answering(answer));
    await ask(proxy, { method: 'GET', path: '/v1/models', headers: { 'anthropic-version': '2023-06-01' } });
    const body = (await proxy.capture()).answer?.body;
    expect(body && textOf(body)).toBe('{"text":"[secret]"}');
    expect(body).toMatchObject({ encoding: 'gzip', total: packed.length, cut: false });
  });

  test('of what cannot be unpacked keeps the size alone', async () => {
    const answer = answerBytes(200, { ...json, 'content-encoding': 'x-own' }, 'opaque');
    const proxy = await start('all', answering(answer));
    await ask(proxy);
    expect((await proxy.capture()).answer?.body).toMatchObject({
      total: 6,
      bytes: new Uint8Array(0),
      problem: 'it could not be unpacked',
    });
  });

  test.each(['constructor', '__proto__'])('of an encoding %s keeps the size alone, too', async (encoding) => {
    const proxy = await start('all', answering(fine));
    await ask(proxy, { ...message('x'), headers: { 'content-encoding': encoding } });
    const { body } = await proxy.capture();
    expect(body).toMatchObject({ encoding, bytes: new Uint8Array(0), problem: 'it could not be unpacked' });
  });

  test('has the answer of the proxy itself where no provider gave one', async () => {
    const proxy = await start('errors', undefined);
    proxy.proxy.setAccounts([record({ name: 'work', url: `http://127.0.0.1:${await quietPort()}` })]);
    await ask(proxy);
    const { answer } = await proxy.capture();
    expect(answer?.status).toBe(502);
    expect(answer?.headers).toContainEqual(['x-ccr-error', 'upstream_unreachable']);
    expect(answer && textOf(answer.body)).toContain('could not be reached');
  });

  test('keeps the beginning of an upload that passes through', async () => {
    const proxy = await start('all', answering(fine));
    const body = `${secret} ${'x'.repeat(200_000)}`;
    await ask(proxy, { path: '/v1/files', body });
    const capture = await proxy.capture();
    expect(capture.body).toMatchObject({ total: body.length, cut: true, whole: true });
    expect(textOf(capture.body)).toMatch(/^\[secret\] x{4000}/);
  });
});

test('a request that cannot be captured is told of, and the next one is captured', async () => {
  const sent: string[] = [];
  const told: string[] = [];
  let fails = true;
  const captures = new Captures({
    secrets() {
      if (fails) throw new Error('not now');
      return [];
    },
    send: ({ id }) => sent.push(id),
    log: (level, text) => told.push(`${level}: ${text}`),
    clock: systemClock,
  });
  captures.set({ mode: 'all', bodyBytes: kib });
  const request = { rawHeaders: [], headers: {} };
  for (const id of ['first', 'second']) {
    const exchange = { id, at: 0, request, upload: null } as unknown as Parameters<Captures['open']>[0];
    captures.open(exchange)?.finish('ok');
    await captures.settled();
    fails = false;
  }
  expect({ sent, told }).toEqual({
    sent: ['second'],
    told: ['error: a request was not captured: the proxy failed on it'],
  });
  captures.taken(1);
  expect(captures.used).toBe(0);
});

describe('which are captured', () => {
  test('off: none, and nothing is made, asked or kept for a request', async () => {
    const proxy = await start('off', answering(fine));
    for (let n = 0; n < 3; n += 1) await ask(proxy, message('x'));
    await proxy.row(2);
    await proxy.proxy.captures.settled();
    expect([proxy.captured, proxy.proxy.captures.used]).toEqual([[], 0]);
    const asked: string[] = [];
    const captures = new Captures({
      secrets() {
        asked.push('secrets');
        return [];
      },
      send: () => asked.push('send'),
      log: () => asked.push('log'),
      clock: systemClock,
    });
    // All that a request costs: one comparison. A million of them in a moment, also on a busy machine.
    const exchange = new Proxy({} as Parameters<Captures['open']>[0], {
      get: (_, name) => asked.push(String(name)),
    });
    const elapsed = runningTime();
    let made = 0;
    for (let n = 0; n < 1_000_000; n += 1) if (captures.open(exchange) !== null) made += 1;
    expect({ made, asked }).toEqual({ made: 0, asked: [] });
    expect(elapsed()).toBeLessThan(500);
  });

  test('errors: those that ended other than in success, and the memory of the others comes back', async () => {
    let answer = fine;
    const proxy = await start('errors', async (connection) => {
      while (await connection.message(60_000).catch(() => null)) await connection.send(answer);
    });
    await ask(proxy, message('good'));
    await proxy.row(0);
    expect(proxy.proxy.captures.used).toBe(0);
    answer = bad;
    await ask(proxy, message('bad'));
    const { body } = await proxy.capture(0);
    expect(textOf(body)).toContain('"bad"');
    expect(proxy.captured).toHaveLength(1);
    expect(proxy.proxy.captures.used).toBeGreaterThan(headBytes);
    proxy.proxy.captures.taken(1);
    expect(proxy.proxy.captures.used).toBe(0);
  });

  test('those that were let in: wrong keys without a row leave nothing behind', async () => {
    const pepper = randomBytes(32);
    const records = [clientKey(pepper, newClientKey().reveal(), {})];
    const proxy = await start('all', answering(fine), {
      keys: { records, loadPepper: async () => pepper },
    });
    for (let n = 0; n < 12; n += 1) await ask(proxy, message('x'));
    await proxy.proxy.captures.settled();
    proxy.proxy.captures.taken(proxy.captured.length);
    expect(proxy.proxy.captures.used).toBe(0);
  });

  test('turned off meanwhile: nothing more is kept', async () => {
    const proxy = await start('all', undefined);
    const client = await connectRaw(proxy.port);
    await client.send(askBytes(proxy, message('x')));
    const connection = await proxy.upstream.connection(0);
    await connection.message();
    proxy.proxy.captures.set({ mode: 'off', bodyBytes: 0 });
    await connection.send(fine);
    await client.message();
    await proxy.row();
    await proxy.proxy.captures.settled();
    expect([proxy.captured, proxy.proxy.captures.used]).toEqual([[], 0]);
    client.reset();
  });
});

describe('memory', () => {
  test('what grows when it is unpacked counts as well, until it is taken', async () => {
    const captureBytes = 3 * headBytes + 64 * kib;
    const packed = gzipSync(Buffer.alloc(64 * kib, 'a'));
    const proxy = await start(
      'all',
      answering(answerBytes(200, { ...json, 'content-encoding': 'gzip' }, packed)),
      {
        bodyBytes: 64 * kib,
        captureBytes,
      },
    );
    const get: Ask = { method: 'GET', path: '/v1/models', headers: { 'anthropic-version': '2023-06-01' } };
    for (let n = 0; n < 4; n += 1) await ask(proxy, get);
    await proxy.row(3);
    await proxy.proxy.captures.settled();
    expect(proxy.captured.map(({ answer }) => answer?.body.bytes.length)).toEqual([64 * kib]);
    expect(proxy.proxy.captures.lost).toBe(3);
    proxy.proxy.captures.taken(1);
    expect(proxy.proxy.captures.used).toBe(0);
  });

  test('a body of 32 MiB (8 in a short run) costs no more than its beginning', async () => {
    const proxy = await start('all', answering(fine), { bodyBytes: 64 * kib });
    const body = Buffer.alloc(inRun(8, 32) * kib * kib, 'a');
    await ask(proxy, { body });
    const capture = await proxy.capture();
    expect(capture.body).toMatchObject({ total: body.length, cut: true, whole: true });
    expect(capture.body.bytes).toHaveLength(64 * kib);
    expect(proxy.proxy.captures.used).toBeLessThan(64 * kib + 2 * headBytes);
  });

  test('an answer that never ends costs no more, and is kept when its client leaves', async () => {
    const proxy = await start('errors', undefined, { bodyBytes: 8 * kib });
    const client = await connectRaw(proxy.port);
    await client.send(askBytes(proxy, message('x')));
    const connection = await proxy.upstream.connection(0);
    await connection.message();
    await connection.send(chunkedHead);
    for (let n = 0; n < 50; n += 1) await connection.send(chunk(Buffer.from(`data: ${'y'.repeat(kib)}\n\n`)));
    await client.until((received) => received.length > 50 * kib);
    expect(proxy.proxy.captures.used).toBeLessThan(16 * kib);
    client.reset();
    const { answer } = await proxy.capture();
    expect(answer?.body).toMatchObject({ cut: true, whole: false });
    expect(answer?.body.bytes).toHaveLength(8 * kib);
    expect((await proxy.row()).outcome).toBe('aborted');
  });

  test('what there is no room for is left out, at once, and told', async () => {
    const clock = createFakeClock();
    const proxy = await start('all', answering(fine), { captureBytes: headBytes + 4 * kib, clock });
    // Nobody takes the first one: nothing waits for that.
    for (let n = 0; n < 5; n += 1) {
      expect((await ask(proxy, { body: 'b'.repeat(3 * kib) })).status).toBe(200);
    }
    await proxy.row(4);
    await proxy.proxy.captures.settled();
    expect(proxy.captured).toHaveLength(1);
    expect(proxy.proxy.captures.lost).toBe(4);
    const told = () =>
      proxy.eventsOf('logged').flatMap(({ text }) => {
        const count = /^(\d) requests? (?:was|were) not captured: there was no memory for them$/.exec(
          text,
        )?.[1];
        return count === undefined ? [] : Number(count);
      });
    for (let n = 0; n < 3; n += 1) proxy.proxy.captures.tick();
    proxy.proxy.log('info', 'behind them');
    await proxy.awaitEvent('logged', ({ text }) => text === 'behind them');
    expect(told()).toHaveLength(1);
    // A second of the proxy may have ended among the requests: the rest of them is told a minute later.
    clock.advance(60_000);
    proxy.proxy.captures.tick();
    await proxy.awaitEvent('logged', () => told().reduce((sum, count) => sum + count, 0) === 4);
    expect(proxy.proxy.captures.used).toBeLessThanOrEqual(headBytes + 4 * kib);
  });
});
