import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createPostWebhook } from '../../source/credentials/post-webhook.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../kit/webhook-receiver.ts';

let receiver: WebhookReceiver | null = null;
afterEach(async () => {
  await receiver?.close();
  receiver = null;
});

const { signal } = new AbortController();
const post = createPostWebhook({ timeoutMs: 15_000, env: {} });

test('sends one POST of JSON, and takes any 2xx for a yes', async () => {
  receiver = await startWebhookReceiver();
  receiver.answer(200, 204);
  expect(await post(receiver.url, { event: 'budget', text: 'ü' }, signal)).toBeNull();
  expect(await post(receiver.url, {}, signal)).toBeNull();
  expect(receiver.calls[0]).toMatchObject({
    method: 'POST',
    path: '/hook?token=very-secret',
    headers: { 'content-type': 'application/json', 'user-agent': 'ccr-tui' },
    body: '{"event":"budget","text":"ü"}',
  });
});

describe('what was not taken', () => {
  test.each([
    [301, true],
    [307, true],
    [400, true],
    [404, true],
    [410, true],
    [408, false],
    [429, false],
    [500, false],
    [503, false],
  ])(
    '%i: another try cannot help is %s; it is asked once and no redirect is followed',
    async (status, final) => {
      receiver = await startWebhookReceiver();
      receiver.answer(status);
      expect(await post(receiver.url, {}, signal)).toEqual({ reason: `it answers ${status}`, final });
      expect(receiver.calls).toHaveLength(1);
    },
  );

  test('nobody there, or nobody who answers, is told without the URL', async () => {
    receiver = await startWebhookReceiver();
    const { url } = receiver;
    await receiver.close();
    receiver = null;
    const gone = await post(url, {}, signal);
    expect(gone).toEqual({ reason: 'it cannot be reached (ECONNREFUSED)', final: false });
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const late = await createPostWebhook({ timeoutMs: 100, env: {} })(
      `http://127.0.0.1:${port}/very-secret`,
      {},
      signal,
    );
    expect(late).toMatchObject({ final: false });
    expect(JSON.stringify([gone, late])).not.toContain('very-secret');
    silent.close();
  });

  test('a server that sends without end is not read', async () => {
    const endless = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const more = (): void => {
        if (!socket.destroyed) socket.write('x'.repeat(65_536), more);
      };
      more();
    }).listen(0, '127.0.0.1');
    await once(endless, 'listening');
    const { port } = endless.address() as AddressInfo;
    expect(await post(`http://127.0.0.1:${port}/`, {}, signal)).toBeNull();
    endless.close();
    await once(endless, 'close');
  });
});
