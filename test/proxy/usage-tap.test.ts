import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createUsageTap, type Usage } from '../../source/proxy/usage-tap.ts';
import { numRuns } from '../kit/long-run.ts';
import { anyPlaces, cutAt, fixtureBytes, oneByOne } from './byte-samples.ts';

const stream = 'text/event-stream; charset=utf-8';

const tapped = async (pieces: readonly Buffer[], type?: string, encoding?: string): Promise<Usage> => {
  const tap = createUsageTap(type, encoding);
  for (const piece of pieces) tap.push(piece);
  await tap.settled();
  return tap.usage();
};

const unknown = { input: null, output: null, cacheRead: null, cacheWrite5m: null, cacheWrite1h: null };
const silent: Usage = { tokens: unknown, model: null, stopReason: null, error: null, message: 'none' };

const event = (name: string, data: object): string =>
  `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`;
const message = (usage: object): string =>
  event('message_start', { message: { model: 'claude-opus-5-5', usage } });
const delta = (usage: object, stopReason: string | null = 'end_turn'): string =>
  event('message_delta', { delta: { stop_reason: stopReason }, usage });
const stop = event('message_stop', {});

const tokensOf = async (...events: string[]) => (await tapped([Buffer.from(events.join(''))], stream)).tokens;

describe('an event stream', () => {
  test.each([
    ['sse-text.sse', 'end_turn'],
    ['sse-thinking.sse', 'end_turn'],
    ['sse-tool-use.sse', 'tool_use'],
  ])('%s: model, final counts, why it ended', async (name, stopReason) => {
    const usage = await tapped([fixtureBytes(name)], stream);
    expect(usage).toMatchObject({ model: 'claude-opus-5-5', stopReason, error: null, message: 'over' });
    expect(usage.tokens).toMatchObject({ input: 1, cacheRead: 0, cacheWrite5m: 125, cacheWrite1h: 0 });
    expect(usage.tokens.output).toBeGreaterThan(1);
  });

  test('that ended without message_stop is open', async () => {
    const usage = await tapped([fixtureBytes('sse-truncated.sse')], stream);
    expect(usage).toMatchObject({ message: 'open', error: null, stopReason: null });
    expect(usage.tokens.output).toBe(1);
  });

  test('with an error event says which, and that is its end', async () => {
    expect(await tapped([fixtureBytes('sse-midstream-error.sse')], stream)).toMatchObject({
      error: 'overloaded_error',
      message: 'over',
      // What was served until then is known, and nothing that was not.
      tokens: { input: 1, cacheRead: 0, cacheWrite5m: 125, cacheWrite1h: 0 },
    });
    const odd = Buffer.from('event: error\ndata: oops\n\n');
    expect(await tapped([odd], stream)).toMatchObject({ error: 'error', message: 'over' });
  });

  test('later counts replace earlier ones, they are not added; one that is missing keeps the earlier', async () => {
    const tokens = await tokensOf(
      message({ input_tokens: 10, output_tokens: 1, cache_read_input_tokens: 50 }),
      delta({ output_tokens: 20 }, null),
      delta({ output_tokens: 70, input_tokens: 12 }),
      stop,
    );
    expect(tokens).toEqual({ ...unknown, input: 12, output: 70, cacheRead: 50 });
  });

  test('what was written to the cache is counted once, also when the last event repeats only the sum', async () => {
    const parts = { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 300 };
    const first = message({ input_tokens: 1, cache_creation_input_tokens: 320, cache_creation: parts });
    const expected = { cacheWrite5m: 20, cacheWrite1h: 300 };
    expect(await tokensOf(first, delta({ output_tokens: 5 }), stop)).toMatchObject(expected);
    expect(await tokensOf(first, delta({ cache_creation_input_tokens: 320 }), stop)).toMatchObject(expected);
    const both = { cache_creation_input_tokens: 320, cache_creation: parts };
    expect(await tokensOf(first, delta(both), stop)).toMatchObject(expected);
  });

  test('a sum alone is a cache of five minutes', async () => {
    expect(await tokensOf(message({ cache_creation_input_tokens: 7 }))).toMatchObject({
      cacheWrite5m: 7,
      cacheWrite1h: null,
    });
  });

  test('counts that cannot be are unknown, and none is below zero', async () => {
    const odd = { input_tokens: -1, output_tokens: '5', cache_read_input_tokens: null };
    expect(await tokensOf(message(odd))).toEqual(unknown);
    const less = { cache_creation_input_tokens: 1, cache_creation: { ephemeral_1h_input_tokens: 300 } };
    expect((await tokensOf(message(less))).cacheWrite5m).toBe(0);
  });

  test('a message whose data is broken is a message all the same: it has to end', async () => {
    const bytes = Buffer.from('event: message_start\ndata: {"type":"mess\n\n');
    expect(await tapped([bytes], stream)).toEqual({ ...silent, message: 'open' });
  });

  test('events and fields that nobody knows pass', async () => {
    const text = event('tomorrow', { usage: 'all' }) + message({ input_tokens: 3, new_tokens: {} }) + stop;
    expect(await tapped([Buffer.from(text)], stream)).toMatchObject({
      message: 'over',
      tokens: { input: 3 },
    });
  });
});

describe('a JSON answer', () => {
  const body = (JSON.parse(fixtureBytes('messages-nonstream.json').toString()) as { body: object }).body;
  const json = 'application/json';

  test('gives the same figures', async () => {
    expect(await tapped([Buffer.from(JSON.stringify(body))], json)).toEqual({
      tokens: { input: 5, output: 8, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 },
      model: 'claude-opus-5-5',
      stopReason: 'end_turn',
      error: null,
      message: 'none',
    });
  });

  test('of count_tokens is the number alone', async () => {
    expect((await tapped([Buffer.from('{"input_tokens":2095}')], json)).tokens).toEqual({
      ...unknown,
      input: 2095,
    });
  });

  test.each([
    ['{"type":"error","error":{"type":"overloaded_error","message":"x"}}', 'overloaded_error'],
    ['{"error":"not today"}', 'error'],
    ['{"error":null}', null],
    ['{"error":{"type":"x"', null],
    ['<html>502</html>', null],
  ])('%s: %s', async (text, error) =>
    expect(await tapped([Buffer.from(text)], json)).toEqual({ ...silent, error }),
  );
});

describe('the type of the answer', () => {
  const bytes = fixtureBytes('sse-text.sse');
  test.each([stream, 'text/event-stream', 'Text/Event-Stream;charset=UTF-8'])('%s is read', async (type) =>
    expect((await tapped([bytes], type)).model).toBe('claude-opus-5-5'),
  );
  test.each([undefined, '', 'text/html', 'application/octet-stream'])('%s is left alone', async (type) =>
    expect(await tapped([bytes], type)).toEqual(silent),
  );
});

describe('a compressed answer', () => {
  const bytes = fixtureBytes('sse-tool-use.sse');
  const packers = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync };

  test.each(Object.entries(packers))('%s is decoded on the side', async (encoding, pack) => {
    const plain = await tapped([bytes], stream);
    expect(await tapped(oneByOne(pack(bytes)), stream, encoding)).toEqual(plain);
    expect(await tapped([pack(bytes)], stream, ` ${encoding.toUpperCase()}`)).toEqual(plain);
  });

  test('that was cut gives what came before the cut', async () => {
    const packed = gzipSync(Buffer.concat([bytes, Buffer.alloc(100_000, 'x')]));
    const usage = await tapped([packed.subarray(0, packed.length - 20)], stream, 'gzip');
    expect(usage).toMatchObject({ model: 'claude-opus-5-5', message: 'over' });
  });

  test.each(['gzip', 'br', 'zstd', 'deflate', 'rot13', 'gzip, br'])(
    'that is no %s does no harm',
    async (encoding) => {
      expect(await tapped([bytes, bytes], stream, encoding)).toEqual(silent);
    },
  );

  test('may be pushed to after its end', async () => {
    const tap = createUsageTap(stream, 'gzip');
    tap.push(gzipSync(bytes));
    await tap.settled();
    tap.push(bytes);
    await tap.settled();
    expect(tap.usage().model).toBe('claude-opus-5-5');
  });
});

test('any pieces give the same figures', async () => {
  const names = fc.constantFrom(
    'sse-text.sse',
    'sse-thinking.sse',
    'sse-midstream-error.sse',
    'messages-nonstream.json',
  );
  await fc.assert(
    fc.asyncProperty(names, anyPlaces, async (name, places) => {
      const bytes = fixtureBytes(name);
      const type = name.endsWith('.sse') ? stream : 'application/json';
      expect(await tapped(cutAt(bytes, places), type)).toEqual(await tapped([bytes], type));
    }),
    { numRuns: Math.min(numRuns, 2000) },
  );
});

test('any bytes under any type are read without an error', async () => {
  const types = fc.constantFrom(stream, 'application/json', undefined);
  const encodings = fc.constantFrom(undefined, 'gzip', 'br', 'zstd', 'deflate');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array()), types, encodings, async (chunks, type, encoding) => {
      const usage = await tapped(
        chunks.map((chunk) => Buffer.from(chunk)),
        type,
        encoding,
      );
      expect(Object.values(usage.tokens).every((count) => count === null || count >= 0)).toBe(true);
    }),
    { numRuns: Math.min(numRuns, 2000) },
  );
});
