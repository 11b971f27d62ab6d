import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Departure } from './departure.ts';
import { startTimeLimit } from './time-limit.ts';
import type { UsageTap } from './usage-tap.ts';
import type { Passing } from './growth.ts';

/** How an answer that had begun ended. */
export type StreamEnd =
  | 'complete'
  /** The provider's side broke off, or ended a message stream without its end. */
  | 'truncated'
  /** The client left; the provider was told. */
  | 'aborted';

export type StreamInput = {
  upstream: IncomingMessage;
  response: ServerResponse;
  client: Departure;
  tap: UsageTap;
  /** Counts what was written. */
  passing: Passing;
  /** Longest silence between two bytes of the provider. */
  idleMs: number;
};

/**
 * Passes the body on, byte for byte, no faster than the client reads. An answer that was cut is closed without its
 * terminator, so that no client takes it for a whole one. The head must have been written. Never rejects.
 */
export const streamAnswer = ({
  upstream,
  response,
  client,
  tap,
  passing,
  idleMs,
}: StreamInput): Promise<StreamEnd> =>
  new Promise((resolve) => {
    let ended = false;
    const finish = (end: StreamEnd): void => {
      if (ended) return;
      ended = true;
      idle.stop();
      resolve(end);
    };
    const cut = (): void => {
      joined.flush();
      // Lets what is written reach the client, then closes; no chunk terminator is sent.
      // A pipelined answer whose turn has not come has no socket yet: its request knows it.
      response.req.socket.destroySoon();
      finish('truncated');
    };
    const fellSilent = (): void => {
      // A provider that is being held back for a slow client is not silent.
      if (upstream.isPaused()) idle = startTimeLimit(idleMs, fellSilent);
      else upstream.destroy();
    };
    let idle = startTimeLimit(idleMs, fellSilent);
    const joined = joinWrites(upstream, response, (chunk) => {
      idle.refresh();
      tap.push(chunk);
      passing.bytes += chunk.length;
    });

    upstream.on('data', joined.write);
    upstream.once('end', () => {
      if (!upstream.complete) return cut();
      joined.flush();
      // Without a terminator there is nothing to hold back: the client may hang up after the last announced byte.
      if (!response.chunkedEncoding) response.end();
      void tap.settled().then(() => {
        if (tap.usage().unfinished) return cut();
        if (response.writableFinished) return finish('complete');
        response.once('finish', () => finish('complete'));
        response.end();
      });
    });
    upstream.on('error', () => {});
    upstream.once('close', () => {
      if (!upstream.complete && !ended && !client.gone) cut();
    });
    response.on('error', () => {});
    const leave = (): void => {
      upstream.destroy();
      finish('aborted');
    };
    client.onLeave(leave);
    if (client.gone) leave();
  });

const nothing = Buffer.alloc(0);

/**
 * Joins what one read of the provider's socket delivered into one write: an event stream of small chunks costs the
 * half (measured). Waits for the client when it does not keep up. `written` sees each chunk after it was passed on.
 */
const joinWrites = (
  upstream: IncomingMessage,
  response: ServerResponse,
  written: (chunk: Buffer) => void,
): { write(chunk: Buffer): void; flush(): void } => {
  let waiting: Buffer[] = [];
  const flush = (): void => {
    if (waiting.length === 0) return;
    const [first = nothing] = waiting;
    const chunk = waiting.length === 1 ? first : Buffer.concat(waiting);
    waiting = [];
    if (!response.destroyed && !response.write(chunk)) upstream.pause();
    written(chunk);
  };
  response.on('drain', () => upstream.resume());
  // The head of a stream must not wait for an event; an answer of known length comes with its head.
  if (upstream.headers['content-length'] === undefined) {
    setImmediate(() => {
      if (!response.writableEnded && !response.destroyed) response.flushHeaders();
    });
  }
  return {
    write(chunk) {
      if (waiting.length === 0) process.nextTick(flush);
      waiting.push(chunk);
    },
    flush,
  };
};
