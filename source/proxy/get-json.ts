import type { Config } from '../config/schema.ts';
import type { Clock } from '../shared/clock.ts';
import type { Secret } from '../shared/secret.ts';
import type { AccountKind } from '../shared/types.ts';
import { attempt } from './attempt.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { Departure } from './departure.ts';
import { upstreamHeaders } from './headers.ts';
import { emptyBody } from './read-body.ts';
import type { Target } from './target.ts';
import { startTimeLimit } from './time-limit.ts';
import type { UpstreamResponse } from './upstream-response.ts';

export type GetContext = {
  connections: ConnectionPool;
  clock: Pick<Clock, 'monotonic'>;
  config(): Pick<Config, 'timeouts'>;
};

export type GetInput = {
  target: Target;
  /** All of the path. */
  path: string;
  /** Header names and values in turn, beside the credential. */
  headers: readonly string[];
  kind: AccountKind;
  secret: Secret;
};

export type Got =
  /** `body` null: none that came whole and is JSON. */
  | { kind: 'answer'; status: number; body: unknown; ms: number }
  | { kind: 'failed'; reason: string; ms: number };

/** What takes longer, or is longer, is none of the short answers that are asked for here. */
const longestMs = 30_000;
const longestBytes = 1024 * 1024;

/** The body, up to a limit; null when it does not come whole. */
const bodyOf = (response: UpstreamResponse): Promise<Buffer | null> =>
  new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let length = 0;
    const finish = (whole: boolean): void => {
      limit.stop();
      resolve(whole ? Buffer.concat(pieces) : null);
    };
    const giveUp = (): void => {
      response.destroy();
      finish(false);
    };
    const limit = startTimeLimit(longestMs, giveUp);
    response.read({
      data(bytes) {
        length += bytes.length;
        if (length > longestBytes) giveUp();
        else pieces.push(bytes);
      },
      end: () => finish(true),
      cut: () => finish(false),
    });
  });

const parsed = (body: Buffer | null): unknown => {
  try {
    return JSON.parse(body?.toString('utf8') ?? '');
  } catch {
    return null;
  }
};

/**
 * Asks a provider something by itself, with the secret of an account, on a connection of its own and the way out that traffic
 * takes. Never rejects.
 */
export const getJson = async (
  { target, path, headers, kind, secret }: GetInput,
  { connections, clock, config }: GetContext,
): Promise<Got> => {
  const { connectMs, firstByteMs } = config().timeouts;
  const started = clock.monotonic();
  const answer = await attempt({
    connections,
    target,
    request: {
      method: 'GET',
      path,
      headers: upstreamHeaders({
        raw: ['accept', 'application/json', 'user-agent', 'ccr-tui', ...headers],
        host: target.host,
        kind,
        secret,
        contentLength: null,
        identity: true,
        connection: 'close',
      }),
      body: emptyBody(),
      upload: null,
    },
    connectMs,
    firstByteMs: Math.min(firstByteMs, longestMs),
    client: new Departure(),
    fresh: true,
  });
  const body = answer.kind === 'response' ? parsed(await bodyOf(answer.response)) : null;
  const ms = Math.round(clock.monotonic() - started);
  if (answer.kind === 'response') return { kind: 'answer', status: answer.response.status, body, ms };
  const late = answer.kind === 'failed' && answer.reason === 'timeout';
  return { kind: 'failed', reason: late ? 'no answer in time' : 'it cannot be reached', ms };
};
