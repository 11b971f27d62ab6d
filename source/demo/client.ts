import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import type { ClientRequest } from './client-request.ts';

/** How a request ended for the client. */
export type ClientEnd =
  | { kind: 'answered'; status: number; retryAfterMs: number | null }
  /** No answer, or one that broke off. */
  | { kind: 'broken' }
  /** The client itself hung up. */
  | { kind: 'left' };

/** Longer than any answer of the simulated provider: what takes longer hangs. */
const longestMs = 120_000;

const retryAfter = ({ headers }: IncomingMessage): number | null => {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null;
};

/** Programs that talk to the proxy at `url` as Claude Code would. */
export const createClient = (url: string) => {
  const agent = new Agent({ keepAlive: true });
  /** Streams that have begun, oldest first, and how to leave them. */
  const open = new Map<ClientRequest, () => void>();

  return {
    /** Sends it and reads the answer to its end. Never rejects; leaving by `signal` counts as broken. */
    send: (ask: ClientRequest, signal: AbortSignal): Promise<ClientEnd> =>
      new Promise((resolve) => {
        let left = false;
        const finish = (end: ClientEnd): void => {
          open.delete(ask);
          clearTimeout(timer);
          resolve(left ? { kind: 'left' } : end);
        };
        const request = httpRequest(new URL(ask.path, url), {
          agent,
          method: 'POST',
          headers: { ...ask.headers, 'content-length': String(Buffer.byteLength(ask.body)) },
          signal,
        });
        const timer = setTimeout(() => void request.destroy(), longestMs);
        request.on('error', () => finish({ kind: 'broken' }));
        request.once('close', () => finish({ kind: 'broken' }));
        request.once('response', (response) => {
          const status = response.statusCode ?? 0;
          if (response.headers['content-type']?.startsWith('text/event-stream')) {
            open.set(ask, () => {
              left = true;
              request.destroy();
            });
          }
          response.on('error', () => finish({ kind: 'broken' }));
          response.once('end', () => {
            if (response.complete) finish({ kind: 'answered', status, retryAfterMs: retryAfter(response) });
          });
          response.resume();
        });
        request.end(ask.body);
      }),
    /** Hangs up on the stream that has lasted longest, as a person does who has read enough. False when there is none. */
    leaveOne(): boolean {
      const [oldest] = open.values();
      oldest?.();
      return oldest !== undefined;
    },
    /** Streams whose answer has begun and not ended. */
    openStreams: () => open.size,
    /** Closes the connections that are kept open. */
    close: () => agent.destroy(),
  };
};

export type Client = ReturnType<typeof createClient>;
