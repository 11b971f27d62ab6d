import Anthropic from '@anthropic-ai/sdk';
import { afterEach, expect, test } from 'vitest';
import { connectRaw } from '../kit/raw-client.ts';
import { cuts, streamText } from './cuts.ts';
import { ask, askBytes, chunk, endAll, hungUp, inFrontOf, question } from './start-proxy.ts';

afterEach(endAll);

const sseHead = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n';
const chunkedHead = `${sseHead}Transfer-Encoding: chunked\r\n\r\n`;
const claudeCode = { 'user-agent': 'claude-cli/2.1.330 (external, cli)' };
const sse = (text: string): string => chunk(Buffer.from(text)).toString('latin1');
const begun = 'event: message_start\ndata: {"type":"message_start","message":{}}\n\n';
const stop = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';
const failure = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n';
const typed = 'Transfer-Encoding: chunked\r\nContent-Type:';
const gzip = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n${typed} text/event-stream\r\n\r\n`;

/** What a client gets of an answer that the provider cuts, behind what the provider sent. */
const lastWords = async (
  sent: string,
  body: string,
  headers = {},
  path = '/v1/messages',
): Promise<string> => {
  const proxy = await inFrontOf(async (connection) => {
    await connection.message();
    await connection.send(Buffer.from(sent, 'latin1'));
    connection.end();
  });
  const answer = await ask(proxy, { path, headers, body: JSON.stringify({ ...question, stream: true }) });
  expect(answer.response?.complete).toBe(false);
  expect((await proxy.row()).outcome).toBe('truncated');
  const received = String(answer.response?.body);
  expect(received.startsWith(body)).toBe(true);
  return received.slice(body.length);
};

const told = /^event: error\ndata: (\{"type":"error","error":\{"type":"api_error",.*\})\n\n$/;

test.each([
  ['between two events', begun, ''],
  ['before the first event', '', ''],
  ['within a line', `${begun}event: content_block_delta\ndata: {"type":"cont`, '\n'],
  ['within the name of a field', `${begun}ev`, '\n'],
  ['behind a line', `${begun}event: ping\n`, ''],
  ['between CR and LF', `${begun}event: ping\r`, '\n'],
])('%s: the open line is ended, and an event says so', async (_, body, lineEnd) => {
  const sent = `${chunkedHead}${body === '' ? '' : sse(body)}`;
  const words = await lastWords(sent, body);
  expect(words.slice(0, lineEnd.length)).toBe(lineEnd);
  const event = told.exec(words.slice(lineEnd.length));
  expect(JSON.parse(event?.[1] ?? '')).toMatchObject({
    error: { message: 'The answer of the provider was cut off.' },
    request_id: expect.stringMatching(/./),
  });
});

test.each([
  ['Claude Code, which asks again by itself', `${chunkedHead}${sse(begun)}`, begun, claudeCode],
  ['an announced length', `${sseHead}Content-Length: 5000\r\n\r\n${begun}`, begun],
  ['a compressed answer', `${gzip}${sse('\u001f')}`, '\u001f'],
  ['what is no stream of events', `HTTP/1.1 200 OK\r\n${typed} text/plain\r\n\r\n${sse('abc')}`, 'abc'],
  ['another route', `${chunkedHead}${sse(begun)}`, begun, {}, '/v1/messages/count_tokens'],
])('nothing is added to %s', async (_, sent, body, headers = {}, path = '/v1/messages') => {
  expect(await lastWords(sent, body, headers, path)).toBe('');
});

const lastLine = 'data: {"type":"message_stop"}';

test.each([
  ['behind its last event', begun + stop, '', 'ok'],
  ['behind the data of its last event', `${begun}event: message_stop\n${lastLine}\n`, '\n', 'ok'],
  ['at the end of that data', `${begun}event: message_stop\n${lastLine}`, '\n\n', 'ok'],
  ['within that data', `${begun}event: message_stop\ndata: {"type":"mess`, 'age_stop"}\n\n', 'ok'],
  ['within the blanks of it', `${begun}event: message_stop\n${lastLine.slice(0, -1)}   `, '}\n\n', 'ok'],
  ['between CR and LF', `${begun}event: message_stop\r\n${lastLine}\r`, '\n\n', 'ok'],
  ['in data that nobody knows', `${begun}event: message_stop\ndata: {"more":1,"ty`, '', 'ok'],
  ['behind the name of its last event', `${begun}event: message_stop\n`, `${lastLine}\n\n`, 'ok'],
  ['behind an error in its place', begun + failure, '', 'error'],
])(
  'a message whose connection dies %s is over: its last event is made whole, and nobody asks again',
  async (_, body, rest, outcome) => {
    for (const how of ['end', 'reset', 'whole'] as const) {
      const passed = Promise.withResolvers<void>();
      const proxy = await inFrontOf(async (connection) => {
        await connection.message();
        await connection.send(`${chunkedHead}${sse(body)}`);
        await passed.promise;
        if (how === 'whole') await connection.send('0\r\n\r\n');
        else connection[how]();
      });
      const client = await connectRaw(proxy.port);
      await client.send(askBytes(proxy, { body: JSON.stringify({ ...question, stream: true }) }));
      await client.until(body.slice(-20));
      passed.resolve();
      const answer = await client.message();
      expect([answer.complete, String(answer.body)]).toEqual([true, body + rest]);
      expect((await proxy.row()).outcome).toBe(outcome);
      client.reset();
    }
  },
);

test('the real SDK has the message whose connection dies within its last event', async () => {
  const last = streamText.indexOf('event: message_stop');
  const places = ['event: message_stop\n', 'event: message_stop\ndata: {"type":"mess', stop.slice(0, -1)];
  const outcomes = places.map(async (place) => {
    const proxy = await inFrontOf(async (connection) => {
      await connection.message();
      const bytes = `${chunkedHead}${sse(streamText.slice(0, last) + place)}`;
      await connection.send(Buffer.from(bytes, 'latin1'));
      connection.end();
    });
    const client = new Anthropic({ baseURL: proxy.url, apiKey: 'x' });
    const { stop_reason: reason } = await client.messages.stream(question).finalMessage();
    return [reason, proxy.eventsOf('requestFinished').length];
  });
  for (const [reason, asked] of await Promise.all(outcomes)) {
    expect(reason).toBe('end_turn');
    expect(asked).toBeLessThanOrEqual(1);
  }
});

test('the name of the last event that has not come whole is no end', async () => {
  const body = `${begun}event: message_stop`;
  expect(await lastWords(`${chunkedHead}${sse(body)}`, body)).toMatch(/^\nevent: error\n/);
});

test('the real SDK throws in both forms of a stream and without one, wherever the answer is cut', async () => {
  const outcomes = cuts.map(async ([what, sent, how]) => {
    let begun = Promise.withResolvers<void>();
    const proxy = await inFrontOf(async (connection) => {
      while (await connection.message(60_000).catch(() => null)) {
        await connection.send(Buffer.from(sent, 'latin1'));
        await begun.promise;
        connection[how]();
      }
    });
    const client = new Anthropic({
      baseURL: proxy.url,
      apiKey: 'x',
      maxRetries: 0,
      // The connection dies when the head has reached the client.
      fetch: (...asked) => fetch(...asked).finally(() => begun.resolve()),
    });
    const iterate = async (): Promise<void> => {
      const events = await client.messages.create({ ...question, stream: true });
      for await (const event of events) if (event.type === 'message_stop') return;
    };
    const forms = [
      iterate,
      () => client.messages.stream(question).finalMessage(),
      () => client.messages.create(question),
    ];
    const seen: string[] = [];
    for (const [n, form] of forms.entries()) {
      begun = Promise.withResolvers();
      const end = await form().then(
        () => 'answered',
        () => 'thrown',
      );
      seen.push(end, (await proxy.row(n)).outcome);
    }
    return [what, ...seen];
  });
  expect(await Promise.all(outcomes)).toEqual(
    cuts.map(([what]) => [what, 'thrown', 'truncated', 'thrown', 'truncated', 'thrown', 'truncated']),
  );
});

test('a client learns of a cut within 100 ms, in the middle of several', async () => {
  const repeats = 5;
  let asked = 0;
  let begun = Promise.withResolvers<void>();
  let died = 0;
  const proxy = await inFrontOf(async (connection) => {
    while (await connection.message(60_000).catch(() => null)) {
      const [, sent, how] = cuts[Math.floor(asked / repeats)] ?? ['', '', 'end'];
      asked += 1;
      await connection.send(Buffer.from(sent, 'latin1'));
      await begun.promise;
      died = performance.now();
      connection[how]();
    }
  });
  const medians: (readonly [what: string, ms: number])[] = [];
  for (const [what] of cuts) {
    const times: number[] = [];
    for (let n = 0; n < repeats; n += 1) {
      begun = Promise.withResolvers();
      const client = await connectRaw(proxy.port);
      await client.send(askBytes(proxy, { body: JSON.stringify({ ...question, stream: true }) }));
      await client.until('\r\n\r\n');
      begun.resolve();
      await hungUp(client);
      times.push(performance.now() - died);
    }
    medians.push([what, times.toSorted((a, b) => a - b)[repeats >> 1] ?? Infinity]);
  }
  expect(medians.filter(([, ms]) => ms > 100)).toEqual([]);
  await proxy.row(cuts.length * repeats - 1);
  const rows = proxy.eventsOf('requestFinished').map(({ request }) => request.outcome);
  expect(new Set(rows)).toEqual(new Set(['truncated']));
});
