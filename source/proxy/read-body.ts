import type { IncomingMessage } from 'node:http';
import { Pieces } from './pieces.ts';
import type { ReplayMemory } from './replay-memory.ts';
import { startTimeLimit } from './time-limit.ts';

export type Body = { chunks: Buffer[]; length: number };

export const emptyBody = (): Body => ({ chunks: [], length: 0 });

export type BodyResult =
  | { kind: 'complete'; body: Body }
  /** No memory for more: these have come, so many bytes of them count there, and the rest waits to be read. */
  | { kind: 'unkept'; chunks: Buffer[]; counted: number }
  /** Over the limit; nothing more is read. */
  | { kind: 'too_large' }
  /** The client left, sent less than it announced, or fell silent. */
  | { kind: 'aborted' };

/**
 * Reads a request body to its end and keeps it, so that it can be sent again to another account. What is in the result
 * counts in `memory`; to give that back is up to the caller.
 * Resolves always; `idleMs` is the longest silence between two pieces. A body that announces more than `limit` bytes is refused before a byte of it is read.
 */
export const readBody = (
  request: IncomingMessage,
  limit: number,
  idleMs: number,
  memory: ReplayMemory,
): Promise<BodyResult> => {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limit) return Promise.resolve({ kind: 'too_large' });
  if (request.headers['transfer-encoding'] === undefined && announced === 0) {
    // Flow on, so that the parser reaches the next request of this connection.
    request.resume();
    return Promise.resolve({ kind: 'complete', body: emptyBody() });
  }
  // Its client has gone while it waited to be let in: there is nobody left who could tell of that.
  if (request.destroyed) return Promise.resolve({ kind: 'aborted' });
  return new Promise((resolve) => {
    const pieces = new Pieces();
    const body: Body = { chunks: pieces.chunks, length: 0 };
    let kept = 0;
    let isDone = false;
    const idle = startTimeLimit(idleMs, () => request.destroy());
    // The listeners stay: taking them off costs more than what they are told afterwards.
    const done = (result: BodyResult): void => {
      isDone = true;
      idle.stop();
      if (result.kind === 'too_large' || result.kind === 'aborted') memory.give(kept);
      resolve(result);
    };
    request.on('data', (chunk: Buffer) => {
      if (isDone) return;
      idle.refresh();
      body.length += chunk.length;
      if (body.length > limit) {
        request.pause();
        done({ kind: 'too_large' });
        return;
      }
      pieces.add(chunk);
      if (memory.take(chunk.length)) kept += chunk.length;
      else {
        request.pause();
        done({ kind: 'unkept', chunks: body.chunks, counted: kept });
      }
    });
    request.on('end', () => {
      if (!isDone) done({ kind: 'complete', body });
    });
    // A late reset of the connection must find a listener.
    request.on('error', () => {});
    request.on('close', () => {
      if (!isDone) done({ kind: 'aborted' });
    });
  });
};
