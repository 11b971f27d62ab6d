import type { ConnectionPool } from './connection-pool.ts';
import type { Departure } from './departure.ts';
import { startTimeLimit } from './time-limit.ts';
import type { Target } from './target.ts';
import { isSendable, type OutgoingRequest } from './upstream-connection.ts';
import type { UpstreamResponse } from './upstream-response.ts';

export type AttemptInput = {
  connections: ConnectionPool;
  target: Target;
  /** Its path stands behind the base URL's own path. */
  request: OutgoingRequest;
  connectMs: number;
  firstByteMs: number;
  client: Departure;
  /** Use a new connection, after a pooled one was found dead. */
  fresh: boolean;
};

export type AttemptResult =
  | { kind: 'response'; response: UpstreamResponse }
  /** No answer. `stale`: a pooled connection turned out to be dead before it answered a byte. */
  | { kind: 'failed'; reason: 'unreachable' | 'timeout'; stale: boolean; sent: boolean }
  /** More of an upload came than it may have. */
  | { kind: 'too_large' }
  | { kind: 'aborted' };

/** Sends the request once and resolves with the head of the answer, or why there is none. Never rejects. */
export const attempt = (input: AttemptInput): Promise<AttemptResult> =>
  new Promise((resolve) => {
    const { connections, target, request, client, connectMs, firstByteMs } = input;
    if (client.gone) return resolve({ kind: 'aborted' });
    // A stored secret with a line end in it.
    if (!isSendable(request)) {
      return resolve({ kind: 'failed', reason: 'unreachable', stale: false, sent: false });
    }
    const connection = connections.take(target, input.fresh);
    let sent = false;
    const finish = (result: AttemptResult): void => {
      limit.stop();
      stopListening();
      resolve(result);
    };
    const limit = startTimeLimit(connectMs, () => {
      connection.expire();
      finish({ kind: 'failed', reason: 'timeout', stale: false, sent });
    });
    const stopListening = client.onLeave(() => {
      connection.destroy();
      finish({ kind: 'aborted' });
    });
    // A long upload is life: the limit for the first byte begins with its last piece.
    if (request.upload) request.upload.onMoved = () => limit.refresh();
    connection.ask(request, {
      sent() {
        sent = true;
        limit.restart(firstByteMs);
      },
      answered: (response) => finish({ kind: 'response', response }),
      lost() {
        if (request.upload?.isTooLarge) return finish({ kind: 'too_large' });
        const stale = connection.isReused && !connection.hasHeard;
        finish({ kind: 'failed', reason: 'unreachable', stale, sent });
      },
    });
  });
