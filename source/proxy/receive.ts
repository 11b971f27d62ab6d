import type { IncomingMessage } from 'node:http';
import { answer, reject, stopping, tooLarge } from './answer.ts';
import { closeAfter } from './close-after.ts';
import { describe } from './describe.ts';
import type { Exchange } from './exchange.ts';
import { forward, type ForwardContext, type ForwardRules } from './forward.ts';
import { permit } from './permit.ts';
import { emptyBody, readBody, type BodyResult } from './read-body.ts';
import type { ReplayMemory } from './replay-memory.ts';
import { messagesPath } from './route-table.ts';
import { isSmall, Upload } from './upload.ts';

export type ReceiveContext = ForwardContext & {
  draining(): boolean;
  /** For the bodies of all requests. */
  memory: ReplayMemory;
};

/** From the body of a request that was let in to the end of its answer. The body is read first, unless it is not kept. */
export const receive = async (
  exchange: Exchange,
  rules: ForwardRules,
  context: ReceiveContext,
): Promise<void> => {
  const { request, response } = exchange;
  if (context.draining()) {
    closeAfter(response);
    request.resume();
    return reject(exchange, stopping, context);
  }
  const { bodyLimitMiB, timeouts } = context.config();
  const limit = (rules.uploadMiB ?? bodyLimitMiB) * 1_048_576;
  if (isAsking(request) && announced(request) <= limit) response.writeContinue();
  const idleMs = timeouts.clientBodyMs;
  const read =
    rules.uploadMiB === undefined || isSmall(request)
      ? await readBody(request, limit, idleMs, context.memory)
      : unread(request, limit);
  if (read.kind === 'complete') exchange.body = read.body;
  else if (read.kind === 'unkept') {
    const released = (): void => context.memory.give(read.counted);
    const { capture } = exchange;
    const seen = capture === null ? undefined : (bytes: Buffer) => capture.request.push(bytes);
    exchange.upload = new Upload(request, { limit, idleMs, first: read.chunks, released, seen });
  }
  exchange.capture?.received(exchange.body.chunks, read.kind === 'complete');
  try {
    const known = read.kind === 'unkept' ? read.chunks : exchange.body.chunks;
    exchange.description = describe(request.headers, known, exchange.path === messagesPath);
    if (read.kind === 'too_large') {
      closeAfter(response);
      return reject(exchange, tooLarge(limit), context);
    }
    const refusal = read.kind === 'aborted' ? null : permit(exchange, context.pool.candidates());
    if (refusal !== null) return reject(exchange, refusal, context);
    const forwarded =
      read.kind === 'aborted' ? ({ kind: 'aborted' } as const) : await forward(exchange, rules, context);
    // The replay copy is not needed while the answer passes, which may take minutes.
    forget(exchange, context);
    await answer(exchange, forwarded, context);
  } finally {
    forget(exchange, context);
  }
};

/** Whether the client waits for our word before its body; HTTP/1.0 has no such thing (RFC 9110 section 10.1.1). */
const isAsking = ({ headers, httpVersionMinor }: IncomingMessage): boolean =>
  headers.expect !== undefined && httpVersionMinor > 0;

const announced = ({ headers }: IncomingMessage): number => Number(headers['content-length'] ?? 0);

/** A body that is not read before it has somewhere to go. */
const unread = (request: IncomingMessage, limit: number): BodyResult =>
  announced(request) > limit ? { kind: 'too_large' } : { kind: 'unkept', chunks: [], counted: 0 };

/** Keeps nothing of the body any longer. */
const forget = (exchange: Exchange, { memory }: ReceiveContext): void => {
  if (exchange.body.length > 0) {
    memory.give(exchange.body.length);
    exchange.body = emptyBody();
  }
  exchange.upload?.release();
};
