import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import type { Transform } from 'node:stream';
import { FieldScanner } from './field-scanner.ts';
import { restOfLastEvent } from './last-event.ts';
import { SseReader } from './sse.ts';
import type { TokenCounts } from '../shared/types.ts';

/** What an answer said of itself while it passed. */
export type Usage = {
  tokens: TokenCounts;
  model: string | null;
  stopReason: string | null;
  /** Error type of an `error` event or an error body; null without one. */
  error: string | null;
  /**
   * Of an event stream: whether a message has begun, and whether its end, or an error instead of it, has come. The name of
   * the last event is enough: nothing of the message stands in it.
   */
  message: 'none' | 'open' | 'over';
};

export type UsageTap = {
  /** Takes the next bytes of the body. Never throws, keeps no more than a line of them. */
  push(chunk: Buffer): void;
  /** What was read so far. With a compressed body the last bytes may still be under way: await `settled` first. */
  usage(): Usage;
  /** What is missing of the last event of a message that is over; empty when nothing is, or nothing can be added. */
  rest(): string;
  /** Resolves when a compressed copy has been decoded to its end; null when there is nothing to wait for. */
  settled(): Promise<void> | null;
};

const unknownTokens: TokenCounts = {
  input: null,
  output: null,
  cacheRead: null,
  cacheWrite5m: null,
  cacheWrite1h: null,
};

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** A tap for one answer; reads SSE and JSON, ignores everything else. Types as in the response headers. */
export const createUsageTap = (
  contentType: string | undefined,
  contentEncoding: string | undefined,
): UsageTap => {
  const plain = plainTap((contentType ?? '').toLowerCase());
  const encoding = (contentEncoding ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return { ...plain, settled: nothingToWaitFor };
  const decoder = decoders[encoding];
  return decoder ? decodingTap(plain, decoder()) : { ...plain, push: () => {}, settled: nothingToWaitFor };
};

const nothingToWaitFor = (): null => null;
const nothing = (): string => '';

type PlainTap = Omit<UsageTap, 'settled'>;

const longestBacklog = 4_194_304;

const decodingTap = (plain: PlainTap, decoder: Transform): UsageTap => {
  const { promise, resolve } = Promise.withResolvers<void>();
  decoder.on('data', (chunk: Buffer) => plain.push(chunk));
  decoder.once('close', resolve);
  // A body that is not what its header says concerns the client, not us.
  decoder.on('error', () => {});
  return {
    push(chunk) {
      // A decoder that does not keep up is given up: reading along must not cost memory.
      if (decoder.writableLength > longestBacklog) decoder.destroy();
      if (!decoder.destroyed) decoder.write(chunk);
    },
    usage: () => plain.usage(),
    rest: nothing,
    settled() {
      decoder.end();
      return promise;
    },
  };
};

const plainTap = (contentType: string): PlainTap => {
  if (contentType.startsWith('text/event-stream')) return streamTap();
  if (contentType.startsWith('application/json')) return documentTap();
  return { push: () => {}, usage: () => ({ ...empty }), rest: nothing };
};

const empty: Usage = { tokens: unknownTokens, model: null, stopReason: null, error: null, message: 'none' };

const wantedEvents = new Set(['message_start', 'message_delta', 'message_stop', 'error']);

const streamTap = (): PlainTap => {
  const usage: Usage = { ...empty };
  const events = new SseReader(wantedEvents, (name, data) => {
    const body = record(parse(data));
    if (name === 'message_start') {
      const message = record(body['message']);
      usage.message = 'open';
      usage.model = text(message['model']);
      usage.tokens = readTokens(usage.tokens, record(message['usage']));
    } else if (name === 'message_delta') {
      usage.stopReason = text(record(body['delta'])['stop_reason']) ?? usage.stopReason;
      usage.tokens = readTokens(usage.tokens, record(body['usage']));
    } else if (name === 'message_stop') usage.message = 'over';
    else {
      // An error ends the message as much as its last event does.
      usage.message = 'over';
      usage.error = text(record(body['error'])['type']) ?? 'error';
    }
  });
  return {
    push: (chunk) => events.push(chunk),
    usage: () => (events.begun === 'message_stop' ? { ...usage, message: 'over' } : { ...usage }),
    rest: () => (events.begun === 'message_stop' ? restOfLastEvent(events.openLine, events.hasData) : ''),
  };
};

const smallDocument = 16_384;

const wantedFields = new Set(['model', 'stop_reason', 'usage', 'error', 'input_tokens']);

const documentTap = (): PlainTap => {
  /** A small answer comes in one piece, and parsing that whole is cheaper than looking for parts. */
  let only: Buffer | null = null;
  let scanner: FieldScanner | null = null;
  let usage: Usage | null = null;
  const fields = (): Record<string, unknown> => {
    if (only !== null) return record(parse(only.toString('utf8')));
    return scanner === null ? {} : Object.fromEntries(scanner.fields());
  };
  return {
    push(chunk) {
      usage = null;
      if (only === null && scanner === null && chunk.length <= smallDocument) {
        only = chunk;
        return;
      }
      scanner ??= new FieldScanner(wantedFields);
      if (only !== null) scanner.push(only);
      only = null;
      scanner.push(chunk);
    },
    // Asked for at the end of the stream and for the row: read once.
    usage: () => (usage ??= readDocument(fields())),
    rest: nothing,
  };
};

const readDocument = (fields: Record<string, unknown>): Usage => {
  const { model, stop_reason, usage, error, input_tokens } = fields;
  // count_tokens answers with the number alone.
  const known = input_tokens === undefined ? unknownTokens : { ...unknownTokens, input: count(input_tokens) };
  return {
    tokens: readTokens(known, record(usage)),
    model: text(model),
    stopReason: text(stop_reason),
    error: error === undefined || error === null ? null : (text(record(error)['type']) ?? 'error'),
    message: 'none',
  };
};

/** Later figures replace earlier ones: the counts of `message_delta` are cumulative. */
const readTokens = (known: TokenCounts, usage: Record<string, unknown>): TokenCounts => {
  const creation = record(usage['cache_creation']);
  const hour = count(creation['ephemeral_1h_input_tokens']) ?? known.cacheWrite1h;
  const total = count(usage['cache_creation_input_tokens']);
  // `message_delta` may repeat the sum without its parts: what is known of one hour is within it.
  const fiveMinutes =
    count(creation['ephemeral_5m_input_tokens']) ??
    (total === null ? null : Math.max(0, total - (hour ?? 0)));
  return {
    input: count(usage['input_tokens']) ?? known.input,
    output: count(usage['output_tokens']) ?? known.output,
    cacheRead: count(usage['cache_read_input_tokens']) ?? known.cacheRead,
    cacheWrite5m: fiveMinutes ?? known.cacheWrite5m,
    cacheWrite1h: hour,
  };
};

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
};

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const count = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
