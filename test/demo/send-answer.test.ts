import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FaultRule } from '../../source/demo/faults.ts';
import { fixedReply } from '../../source/demo/replies.ts';
import { startUpstream, type Upstream } from '../../source/demo/upstream.ts';
import { connectRaw, exchange, requestBytes, type Exchange } from '../kit/raw-client.ts';
import type { RawConnection } from '../kit/raw-connection.ts';

let upstream: Upstream;
beforeEach(async () => {
  upstream = await startUpstream({
    accounts: [{ name: 'work', key: 'key-work', limits: { kind: 'unified' } }],
    reply: fixedReply('one two three four five six seven eight nine ten', 40),
  });
});
afterEach(() => upstream.close());

const bytes = (stream: boolean): Buffer => {
  const body = {
    model: 'claude-opus-5-5',
    max_tokens: 99,
    stream,
    messages: [{ role: 'user', content: 'hi' }],
  };
  return requestBytes('POST', '/v1/messages', { host: 'x', 'x-api-key': 'key-work' }, JSON.stringify(body));
};
const hit = (rule: FaultRule, stream = true): Promise<Exchange> => {
  upstream.fail(rule);
  return exchange(upstream.port, bytes(stream));
};
const open = async (): Promise<RawConnection> => {
  const connection = await connectRaw(upstream.port);
  await connection.send(bytes(true));
  return connection;
};
const events = ({ response }: Exchange): string[] =>
  Array.from(response?.body.toString().matchAll(/^event: (\w+)$/gm) ?? [], ([, name]) => name ?? '');

describe('on the wire', () => {
  test('without a fault a stream is chunked, one event per chunk, and terminated', async () => {
    const answer = await exchange(upstream.port, bytes(true));
    expect(answer.response).toMatchObject({ framing: 'chunked', complete: true });
    expect(answer.response!.chunks).toHaveLength(events(answer).length);
    expect(events(answer).at(-1)).toBe('message_stop');
  });

  test('without a fault a JSON answer has its length announced', async () => {
    const answer = await exchange(upstream.port, bytes(false));
    expect(answer.response).toMatchObject({ framing: 'length', complete: true });
    expect(JSON.parse(answer.response!.body.toString()).usage.output_tokens).toBe(40);
  });

  test('pace: 429 with a small retry-after while every window says allowed', async () => {
    const { response, status } = await hit({ fault: 'pace', retryAfter: 3 });
    expect([status, response?.header('retry-after')]).toEqual([429, '3']);
    expect(response?.header('anthropic-ratelimit-unified-status')).toBe('allowed');
  });

  test('bare-429: no limit header and no retry-after', async () => {
    const { response, status } = await hit({ fault: 'bare-429' });
    expect(status).toBe(429);
    expect(response!.headers.filter(([name]) => /ratelimit|retry/i.test(name))).toEqual([]);
  });

  test('reset-before-head: not one byte, then RST', async () => {
    const answer = await hit({ fault: 'reset-before-head' });
    expect([answer.bytes.length, answer.end]).toEqual([0, 'reset']);
  });

  test('garbage: bytes that are not HTTP, then FIN', async () => {
    const answer = await hit({ fault: 'garbage' });
    expect(answer.bytes.toString('latin1')).not.toContain('HTTP/1');
    expect(answer.bytes.length).toBeGreaterThan(0);
    expect([answer.status, answer.end]).toEqual([null, 'end']);
  });

  test('reset-mid-body: the events before it, then RST', async () => {
    const answer = await hit({ fault: 'reset-mid-body', after: 3 });
    expect(events(answer)).toEqual(['message_start', 'content_block_start', 'ping']);
    expect([answer.response?.complete, answer.end]).toEqual([false, 'reset']);
  });

  test('end-mid-chunk: FIN inside a chunk that was announced longer', async () => {
    const answer = await hit({ fault: 'end-mid-chunk' });
    expect([answer.response?.complete, answer.end]).toEqual([false, 'end']);
    const size = /\r\n([0-9a-f]+)\r\n[^\r]*$/.exec(answer.bytes.toString('latin1'))?.[1] ?? '';
    expect(answer.response!.chunks.at(-1)!.length).toBeLessThan(Number.parseInt(size, 16));
  });

  test('end-mid-chunk of a JSON answer: FIN before the announced length', async () => {
    const answer = await hit({ fault: 'end-mid-chunk' }, false);
    expect(answer.response).toMatchObject({ framing: 'length', complete: false });
    expect([answer.response!.body.length > 0, answer.end]).toEqual([true, 'end']);
  });

  test('no-message-stop: ends in order, with the terminator, without message_stop', async () => {
    const answer = await hit({ fault: 'no-message-stop' });
    expect(answer.response?.complete).toBe(true);
    expect(events(answer)).toEqual(['message_start', 'content_block_start', 'ping', 'content_block_delta']);
  });

  test('error-first: 200, and the first event is the error', async () => {
    const answer = await hit({ fault: 'error-first' });
    expect([answer.status, events(answer), answer.response?.complete]).toEqual([200, ['error'], true]);
  });

  test('error-mid-stream: an overloaded_error after some events', async () => {
    const answer = await hit({ fault: 'error-mid-stream', after: 2 });
    expect(events(answer)).toEqual(['message_start', 'content_block_start', 'error']);
    expect(answer.response!.body.toString()).toContain('"overloaded_error"');
  });

  test('stall-before-head: nothing until it is cleared, then the whole answer', async () => {
    const clear = upstream.fail({ fault: 'stall-before-head' });
    const connection = await open();
    await upstream.awaitRequest();
    expect(connection.received()).toHaveLength(0);
    clear();
    expect((await connection.message()).complete).toBe(true);
    connection.reset();
  });

  test('stall-mid-body: some events, then nothing until it is cleared', async () => {
    const clear = upstream.fail({ fault: 'stall-mid-body', after: 3 });
    const connection = await open();
    await connection.until('event: ping');
    expect(connection.received().includes('content_block_delta')).toBe(false);
    clear();
    expect((await connection.message()).body.toString()).toContain('event: message_stop');
    connection.reset();
  });

  test('a client that leaves a stalled answer is noticed, before the head and in the body', async () => {
    for (const [fault, seq] of [
      ['stall-before-head', 1],
      ['stall-mid-body', 2],
    ] as const) {
      const clear = upstream.fail({ fault });
      const connection = await open();
      await upstream.awaitRequest((arrival) => arrival.seq === seq);
      connection.end();
      connection.socket.destroy();
      expect((await upstream.awaitClose((arrival) => arrival.seq === seq)).end).toBe('client-left');
      clear();
    }
    expect(upstream.connections()).toBe(0);
  });

  test('slow: a pause before every piece', async () => {
    const start = performance.now();
    const answer = await hit({ fault: 'slow', pauseMs: 10 });
    const pieces = answer.response!.chunks.length;
    expect(answer.response?.complete).toBe(true);
    expect(performance.now() - start).toBeGreaterThanOrEqual((pieces - 1) * 9);
  });

  test('a cut answer is told apart from one that the client left', async () => {
    await hit({ fault: 'reset-mid-body', times: 1 });
    expect(await upstream.awaitClose()).toMatchObject({ end: 'cut', fault: 'reset-mid-body', status: 200 });
    await exchange(upstream.port, bytes(true));
    const second = await upstream.awaitClose((arrival) => arrival.seq === 2);
    expect(second).toMatchObject({ end: 'sent', fault: null });
  });
});

test('nothing more is made for a client that left between two pieces', async () => {
  const paced = await startUpstream({
    accounts: [{ name: 'work', key: 'key-work', limits: { kind: 'none' } }],
    reply: fixedReply('word '.repeat(5000), 1000),
    pace: { pieceMs: 20 },
  });
  try {
    const connection = await connectRaw(paced.port);
    await connection.send(bytes(true));
    await connection.until('content_block_delta');
    connection.reset();
    expect((await paced.awaitClose()).end).toBe('client-left');
    expect(paced.truth().work!.usage.output).toBeLessThan(500);
  } finally {
    await paced.close();
  }
});

test('an answer may have a pace of its own, and is over at once when everything hurries', async () => {
  const slow = await startUpstream({
    accounts: [{ name: 'work', key: 'key-work', limits: { kind: 'none' } }],
    reply: (request, random) => ({
      ...fixedReply('word '.repeat(500))(request, random),
      pace: { headMs: 0, pieceMs: 30_000 },
    }),
  });
  try {
    const connection = await connectRaw(slow.port);
    await connection.send(bytes(true));
    await connection.until('message_start');
    await expect(slow.awaitClose(undefined, 100)).rejects.toThrow('within');
    slow.hurry();
    await connection.until('message_stop');
    connection.end();
    expect(await slow.awaitClose()).toMatchObject({ status: 200 });
    expect((await exchange(slow.port, bytes(true))).response).toMatchObject({ complete: true });
  } finally {
    await slow.close();
  }
});

test('a reader that stops is not written past: the answer waits for it', async () => {
  const big = await startUpstream({
    accounts: [{ name: 'work', key: 'key-work', limits: { kind: 'none' } }],
    reply: fixedReply('word '.repeat(2_000_000), 10),
    deltaLength: 50_000,
  });
  try {
    const connection = await connectRaw(big.port);
    connection.pause();
    await connection.send(bytes(true));
    const arrival = await big.awaitRequest();
    await expect(big.awaitClose(undefined, 100)).rejects.toThrow('within');
    expect(big.truth().work!.usage.output).toBeLessThan(10);
    connection.resume();
    await connection.until((received) => received.subarray(-7).toString() === '\r\n0\r\n\r\n');
    connection.end();
    expect((await big.awaitClose()).seq).toBe(arrival.seq);
  } finally {
    await big.close();
  }
});
