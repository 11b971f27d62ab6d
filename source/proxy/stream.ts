import type { ServerResponse } from 'node:http';
import type { Departure } from './departure.ts';
import { startTimeLimit } from './time-limit.ts';
import type { UpstreamResponse } from './upstream-response.ts';
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
  upstream: UpstreamResponse;
  response: ServerResponse;
  client: Departure;
  tap: UsageTap;
  /** Counts what was written, and learns how to cut the rest. */
  passing: Passing;
  /** Longest silence between two bytes of the provider. */
  idleMs: number;
  /** What says to this client, within a stream of events, that the answer was cut; null to close without a word. */
  cutEvent: (() => string) | null;
};

/**
 * Passes the body on, byte for byte, no faster than the client reads. An answer that was cut is closed without its
 * terminator, so that no client takes it for a whole one; a message that had come to its end is whole, whatever becomes of
 * the connection behind it. The head must have been written. Never rejects.
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
    const endWhole = (): void => {
      if (response.writableFinished) return finish('complete');
      response.on('finish', () => finish('complete'));
      if (!response.writableEnded) endMessage(input);
    };
    const cut = (): void => {
      // A client that took it for a failure would pay for the same message once more.
      if (upstream.length === null && tap.usage().message === 'over') return endWhole();
      sayCut(input);
      closeUnended(response, () => finish('truncated'));
    };
    const complete = (): void => (tap.usage().message === 'open' ? cut() : endWhole());
    const fellSilent = (): void => {
      // A provider that is being held back for a slow client is not silent.
      if (upstream.isPaused) idle = startTimeLimit(idleMs, fellSilent);
      else cutShort();
    };
    const cutShort = (): void => {
      if (ended) return;
      upstream.destroy();
      cut();
    };
    passing.cutShort = cutShort;
    let idle = startTimeLimit(idleMs, fellSilent);
    const leave = (): void => {
      upstream.destroy();
      finish('aborted');
    };
    client.onLeave(leave);
    if (client.gone) return leave();
    response.on('drain', () => upstream.resume());
    const write = writerTo(response, upstream);
    upstream.read({
      data(bytes) {
        idle.refresh();
        write(bytes);
        tap.push(bytes);
        passing.bytes += bytes.length;
        passing.endsLine = bytes.at(-1) === lineFeed;
      },
      end() {
        // Without a terminator there is nothing to hold back: the client may hang up after the last announced byte.
        if (!response.chunkedEncoding && !response.writableEnded) response.end();
        const settled = tap.settled();
        if (settled === null) complete();
        else void settled.then(complete);
      },
      cut,
    });
  });

/** Ends the answer, and makes the last event of a message whole before that. */
const endMessage = ({ upstream, response, tap }: StreamInput): void => {
  const rest = upstream.length === null ? tap.rest() : '';
  if (rest === '' || response.destroyed) response.end();
  else response.end(rest);
};

/** The last word to the client, where there can be one. */
const sayCut = ({ response, passing, cutEvent }: StreamInput): void => {
  if (cutEvent === null || response.destroyed || response.writableEnded) return;
  response.write(passing.endsLine ? cutEvent() : `\n${cutEvent()}`);
};

/** Lets what is written reach the client, then closes; no chunk terminator is sent. */
const closeUnended = (response: ServerResponse, done: () => void): void => {
  // Not at once: node holds back what was written in this turn, and closing would lose it.
  process.nextTick(() => {
    // A pipelined answer whose turn has not come has no socket yet: its request knows it.
    response.req.socket.destroySoon();
    done();
  });
};

const lineFeed = 0x0a;
/** An answer of this size is small. */
const joinedBytes = 4096;

/** Hands bytes to the client, and holds the provider back when the client does not keep up. */
const writerTo = (response: ServerResponse, upstream: UpstreamResponse): ((bytes: Buffer) => void) => {
  const { length } = upstream;
  if (length === null) {
    // The head of a stream must not wait for an event.
    setImmediate(() => {
      if (!response.writableEnded && !response.destroyed) response.flushHeaders();
    });
  }
  let count = 0;
  return (bytes) => {
    count += bytes.length;
    if (response.destroyed) return;
    // The end of an answer of known length goes with its last byte, and a small one whole with its head.
    // As text it is joined with the head into one string: writing two buffers costs more (measured).
    if (length !== null && count >= length) {
      if (bytes.length <= joinedBytes) response.end(bytes.toString('latin1'), 'latin1');
      else response.end(bytes);
    } else if (!response.write(bytes)) upstream.pause();
  };
};
