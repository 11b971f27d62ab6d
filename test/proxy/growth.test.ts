import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { reportMs } from '../../source/proxy/growth.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { connectRaw } from '../kit/raw-client.ts';
import type { RawConnection } from '../kit/raw-connection.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { ask, askBytes, askStream, endAll, ending, question, startPair, startProxy } from './start-proxy.ts';

afterEach(endAll);

const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const event = (type: string, more: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;

const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const opening = event('message_start', {
  message: {
    model: 'claude-opus-5-5',
    usage: { input_tokens: 700, cache_read_input_tokens: 20, output_tokens: 1 },
  },
});
const delta = event('content_block_delta', { delta: { text: 'y'.repeat(30) } });
const closing =
  event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 400 } }) +
  event('message_stop', {});

/** Streams the opening at once, and the rest step by step as the test says. */
const slowUpstream = async () => {
  const steps: PromiseWithResolvers<string>[] = [];
  const step = (n: number): PromiseWithResolvers<string> => (steps[n] ??= Promise.withResolvers());
  const upstream = ending(
    await startRawUpstream(async (connection: RawConnection) => {
      await connection.message(10_000);
      await connection.send(head + chunk(opening));
      for (let n = 0; ; n += 1) {
        const text = await step(n).promise;
        await connection.send(text === '' ? '0\r\n\r\n' : chunk(text));
        if (text === '') return;
      }
    }),
  );
  let sent = 0;
  const send = (text: string): void => {
    step(sent).resolve(text);
    sent += 1;
  };
  return { upstream, send };
};

describe('an answer under way', () => {
  test('is told with its bytes and its tokens so far, after its start and before its end', async () => {
    const { upstream, send } = await slowUpstream();
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    const answer = askStream(proxy);
    const first = await proxy.awaitEvent('responseGrew');
    expect(first).toMatchObject({ bytes: opening.length, tokens: { input: 700, cacheRead: 20, output: 1 } });
    send(delta);
    const second = await proxy.awaitEvent('responseGrew', ({ bytes }) => bytes > first.bytes);
    expect(second.bytes).toBe(opening.length + delta.length);
    send(closing);
    const third = await proxy.awaitEvent('responseGrew', ({ bytes }) => bytes > second.bytes);
    expect(third.tokens.output).toBe(400);
    send('');
    const { body } = (await answer).response ?? {};
    expect(third.bytes).toBe(body?.length);
    await proxy.row();
    const mine = proxy.events.filter((one) => 'id' in one || one.type === 'requestFinished');
    expect(mine.map(({ type }) => type)).toEqual([
      'requestStarted',
      'accountChosen',
      'responseStarted',
      'responseGrew',
      'responseGrew',
      'responseGrew',
      'requestFinished',
    ]);
    expect(new Set([first.id, second.id, third.id]).size).toBe(1);
  });

  test('is not told again while nothing comes', async () => {
    const { upstream, send } = await slowUpstream();
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    const answer = askStream(proxy);
    await proxy.awaitEvent('responseGrew');
    // Nothing can be awaited where nothing happens: two reports would have come by then.
    await sleep(2.5 * reportMs);
    expect(proxy.eventsOf('responseGrew')).toHaveLength(1);
    send(closing);
    send('');
    await answer;
  });

  test('is told at most four times a second, however fast it grows', async () => {
    const { upstream, send } = await slowUpstream();
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    const started = performance.now();
    const answer = askStream(proxy);
    while (performance.now() - started < 1200 || proxy.eventsOf('responseGrew').length < 2) {
      send(delta);
      await sleep(5);
    }
    send(closing);
    send('');
    await answer;
    const lasted = performance.now() - started;
    const reports = proxy.eventsOf('responseGrew');
    expect(reports.length).toBeGreaterThan(1);
    expect(reports.length).toBeLessThanOrEqual(lasted / reportMs);
    const bytes = reports.map((report) => report.bytes);
    expect(bytes).toEqual([...new Set(bytes)].toSorted((a, b) => a - b));
  });

  test('is told no more when its client has left', async () => {
    const { upstream, send } = await slowUpstream();
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    const client = await connectRaw(proxy.port);
    await client.send(askBytes(proxy, { body: JSON.stringify({ ...question, stream: true }) }));
    await proxy.awaitEvent('responseGrew');
    client.reset();
    expect((await proxy.row()).outcome).toBe('aborted');
    const told = proxy.eventsOf('responseGrew').length;
    send(delta);
    await sleep(1.5 * reportMs);
    expect(proxy.eventsOf('responseGrew')).toHaveLength(told);
  });
});

test('short answers are told by their end alone', async () => {
  const clock = createFakeClock();
  const pair = await startPair(undefined, { clock });
  for (let n = 0; n < 20; n += 1) {
    await ask(pair);
    await pair.row(n);
    clock.advance(10 * reportMs);
  }
  expect(pair.eventsOf('responseGrew')).toEqual([]);
});
