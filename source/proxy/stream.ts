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
export const streamAnswer = (input: StreamInput): Promise<StreamEnd> =>
  new Promise((resolve) => {
    const { upstream, response, client, tap, passing, idleMs } = input;
    let ended = false;
    const finish = (end: StreamEnd): void => {
      if (ended) return;
      ended = true;
      idle.stop();
      resolve(end);
    };
    const cut = (): void => {
      output.flush();
      // Lets what is written reach the client, then closes; no chunk terminator is sent.
      // A pipelined answer whose turn has not come has no socket yet: its request knows it.
      response.req.socket.destroySoon();
      finish('truncated');
    };
    const complete = (): void => {
      // Not at once: node holds back what was written in this turn, and closing would lose it.
      if (tap.usage().unfinished) return queueMicrotask(cut);
      if (response.writableFinished) return finish('complete');
      response.on('finish', () => finish('complete'));
      if (!response.writableEnded) response.end();
    };
    const fellSilent = (): void => {
      // A provider that is being held back for a slow client is not silent.
      if (upstream.isPaused()) idle = startTimeLimit(idleMs, fellSilent);
      else upstream.destroy();
    };
    let idle = startTimeLimit(idleMs, fellSilent);
    const output = openOutput(upstream, response, (chunk) => {
      idle.refresh();
      tap.push(chunk);
      passing.bytes += chunk.length;
    });

    upstream.on('data', output.write);
    upstream.on('end', () => {
      if (!upstream.complete) return cut();
      output.flush();
      // Without a terminator there is nothing to hold back: the client may hang up after the last announced byte.
      if (!response.chunkedEncoding && !response.writableEnded) response.end();
      const settled = tap.settled();
      if (settled === null) complete();
      else void settled.then(complete);
    });
    upstream.on('error', ignore);
    upstream.on('close', () => {
      if (!upstream.complete && !ended && !client.gone) cut();
    });
    response.on('drain', () => upstream.resume());
    const leave = (): void => {
      upstream.destroy();
      finish('aborted');
    };
    client.onLeave(leave);
    if (client.gone) leave();
  });

const ignore = (): void => {};

type Output = { write(chunk: Buffer): void; flush(): void };

/** Where the body goes. Waits for the client when it does not keep up; `written` sees each chunk it has passed on. */
const openOutput = (
  upstream: IncomingMessage,
  response: ServerResponse,
  written: (chunk: Buffer) => void,
): Output => {
  const announced = upstream.headers['content-length'];
  return announced === undefined
    ? joinWrites(upstream, response, written)
    : countWrites(upstream, response, { length: Number(announced), written });
};

/** An answer of known length: its end is written with its last byte, and a small one with its head. */
const countWrites = (
  upstream: IncomingMessage,
  response: ServerResponse,
  { length, written }: { length: number; written(chunk: Buffer): void },
): Output => {
  let count = 0;
  return {
    write(chunk) {
      count += chunk.length;
      if (!response.destroyed) {
        if (count >= length) response.end(chunk);
        else if (!response.write(chunk)) upstream.pause();
      }
      written(chunk);
    },
    flush: ignore,
  };
};

const nothing = Buffer.alloc(0);

/**
 * Joins what one read of the provider's socket delivered into one write: an event stream of small chunks costs the
 * half (measured).
 */
const joinWrites = (
  upstream: IncomingMessage,
  response: ServerResponse,
  written: (chunk: Buffer) => void,
): Output => {
  let waiting: Buffer[] = [];
  const flush = (): void => {
    if (waiting.length === 0) return;
    const [first = nothing] = waiting;
    const chunk = waiting.length === 1 ? first : Buffer.concat(waiting);
    waiting = [];
    if (!response.destroyed && !response.write(chunk)) upstream.pause();
    written(chunk);
  };
  // The head of a stream must not wait for an event.
  setImmediate(() => {
    if (!response.writableEnded && !response.destroyed) response.flushHeaders();
  });
  return {
    write(chunk) {
      if (waiting.length === 0) process.nextTick(flush);
      waiting.push(chunk);
    },
    flush,
  };
};
