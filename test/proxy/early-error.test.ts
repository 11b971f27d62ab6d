import { afterEach, describe, expect, test } from 'vitest';
import { earlyError } from '../../source/proxy/early-error.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { chunkedHead, lastChunk, streamText } from './cuts.ts';
import {
  answerAll,
  answerBytes,
  ask,
  askStream,
  chunk,
  endAll,
  ending,
  headerOf,
  startProxy,
} from './start-proxy.ts';

afterEach(endAll);

const errorOf = (type: string): string => JSON.stringify({ type: 'error', error: { type, message: 'no' } });
const eventOf = (type: string): string => `event: error\ndata: ${errorOf(type)}\n\n`;
const json = { 'content-type': 'application/json' };

const verdictOf = (type: string, body: string, more: Record<string, string> = {}, status = 200) =>
  earlyError({
    status,
    headers: { 'content-type': type, ...more },
    opening: (bytes) => body.slice(0, bytes),
  });

describe('an answer of success is an error', () => {
  test.each([
    ['overloaded_error', 'overloaded'],
    ['rate_limit_error', 'refused'],
    ['api_error', 'failed'],
    ['timeout_error', 'failed'],
  ])('that begins with %s: %s', (type, kind) => {
    expect(verdictOf('application/json; charset=utf-8', errorOf(type))).toEqual({ kind });
    expect(verdictOf('application/json', ` {\n "type": "error",\n "error": { "type": "${type}"`)).toEqual({
      kind,
    });
    expect(verdictOf('text/event-stream', eventOf(type))).toEqual({ kind });
  });

  test.each([
    ['what the client did', verdictOf('application/json', errorOf('invalid_request_error'))],
    ['what nobody knows', verdictOf('application/json', errorOf('constructor'))],
    ['a message', verdictOf('application/json', '{"model":"m","type":"message"}')],
    ['a message about errors', verdictOf('application/json', `{"id":"m","content":${errorOf('api_error')}}`)],
    ['a stream', verdictOf('text/event-stream', streamText)],
    ['an error later', verdictOf('text/event-stream', `event: ping\n\n${eventOf('api_error')}`)],
    ['nothing yet', verdictOf('application/json', '')],
    ['an error with its status', verdictOf('application/json', errorOf('api_error'), {}, 500)],
    ['what is compressed', verdictOf('application/json', errorOf('api_error'), { 'content-encoding': 'br' })],
    ['of another type', verdictOf('text/plain', errorOf('api_error'))],
  ])('not %s', (_, verdict) => {
    expect(verdict).toBeNull();
  });
});

describe('before anything of it went to the client another account is asked', () => {
  const bad: [what: string, bytes: Buffer][] = [
    ['a document', answerBytes(200, json, errorOf('overloaded_error'))],
    [
      'a stream in chunks',
      Buffer.concat([
        Buffer.from(chunkedHead),
        chunk(Buffer.from(eventOf('overloaded_error'))),
        Buffer.from(lastChunk),
      ]),
    ],
    [
      'a stream of known length',
      answerBytes(200, { 'content-type': 'text/event-stream' }, eventOf('overloaded_error')),
    ],
  ];
  test.each(bad)('after %s', async (_, bytes) => {
    const first = ending(await startRawUpstream(answerAll(bytes)));
    const second = ending(await startRawUpstream(answerAll(answerBytes(200, json, '{"type":"message"}'))));
    const accounts = [
      { name: 'first', url: first.url, priority: 1 },
      { name: 'second', url: second.url, priority: 2 },
    ];
    // Whoever rests does so until it has been told.
    const proxy = await startProxy(accounts, { clock: createFakeClock() });
    const answer = await ask(proxy);
    expect([answer.status, String(answer.response?.body)]).toEqual([200, '{"type":"message"}']);
    expect(await proxy.row()).toMatchObject({
      account: 'second',
      outcome: 'ok',
      mayHaveRunTwice: false,
      attempts: [{ account: 'first', status: 200, verdict: 'overloaded' }, { verdict: 'forwarded' }],
    });
    await proxy.account('first', ({ state, inFlight }) => state === 'benched' && inFlight === 0);
  });

  test('and when nobody else is there it is passed on as it came, and counted as an error', async () => {
    const body = errorOf('overloaded_error');
    const upstream = ending(await startRawUpstream(answerAll(answerBytes(200, json, body))));
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    const answer = await ask(proxy);
    expect([answer.status, String(answer.response?.body)]).toEqual([200, body]);
    expect(headerOf(answer, 'retry-after')).toBeUndefined();
    expect(await proxy.row()).toMatchObject({ outcome: 'error', status: 200, error: 'overloaded_error' });
  });

  test('but not when it came after the head, which went on at once', async () => {
    const upstream = ending(await startRawUpstream());
    const accounts = ['a', 'b'].map((name) => ({ name, url: upstream.url }));
    const proxy = await startProxy(accounts);
    const answered = askStream(proxy);
    const connection = await upstream.connection(0);
    await connection.message();
    await connection.send(chunkedHead);
    await proxy.awaitEvent('responseStarted');
    await connection.send(Buffer.concat([chunk(Buffer.from(eventOf('api_error'))), Buffer.from(lastChunk)]));
    expect((await answered).status).toBe(200);
    expect(await proxy.row()).toMatchObject({ outcome: 'error', error: 'api_error', attempts: [{}] });
  });
});
