import type { Environment } from '../shared/environment.ts';
import { systemCode } from '../shared/system-code.ts';
import { outboundOptions } from './outbound-options.ts';
import { noWayIn } from './tunnel-agent.ts';
import type { TokenAnswer } from './token-answer.ts';

/** What came of asking the token endpoint. */
export type TokenReply =
  | ({ kind: 'answer' } & TokenAnswer)
  /** Asked, but not answered: whether it was carried out nobody knows. */
  | { kind: 'lost'; reason: string }
  /** It was never asked. */
  | { kind: 'unsent'; reason: string };

/** Sends fields as JSON to a URL, with these headers beside its own. Never rejects. */
export type PostToken = (
  url: string,
  fields: Readonly<Record<string, string>>,
  headers?: Readonly<Record<string, string>>,
) => Promise<TokenReply>;

/** A grant is a kilobyte; what is larger is none. */
const maxBytes = 65_536;
const standardTimeoutMs = 30_000;

/** Failures before the first byte of ours could reach anybody. */
const unsentCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EACCES',
  'EPERM',
  'ERR_INVALID_URL',
]);
const certificateCode = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO|HOSTNAME/;
/** Stages of a request during which nothing of ours is sent, as got names them where it runs out of time. */
const unsentStages: ReadonlySet<unknown> = new Set(['lookup', 'connect', 'secureConnect', 'socket']);

/** Only its code and stage are looked at: the error of a library may hold the whole request. */
const failureOf = (error: unknown): TokenReply => {
  const noWay = noWayIn(error);
  if (noWay !== null) return { kind: 'unsent', reason: noWay.message };
  const code = systemCode(error);
  const stage = error instanceof Error && 'event' in error ? error.event : null;
  if (unsentCodes.has(code) || certificateCode.test(code) || unsentStages.has(stage)) {
    return { kind: 'unsent', reason: `the token endpoint cannot be reached (${code})` };
  }
  const why = stage === null ? `the connection ended (${code})` : 'it took too long';
  return { kind: 'lost', reason: `the token endpoint gave no answer: ${why}` };
};

/**
 * Asks once, over HTTP/1.1: no retry of its own (a refresh token can be used a single time), no redirect (what is sent is
 * for that one address), 30 s in all, 10 s to connect.
 */
export const createPostToken = ({
  timeoutMs = standardTimeoutMs,
  env = process.env,
}: { timeoutMs?: number; env?: Environment } = {}): PostToken => {
  const limits = { timeoutMs, mostReachMs: 10_000 };
  return async (url, fields, headers = {}) => {
    try {
      const [{ default: got }, options] = await Promise.all([
        import('got'),
        outboundOptions(url, env, limits),
      ]);
      const stop = new AbortController();
      const asked = got.post(url, {
        ...options,
        json: fields,
        headers: { accept: 'application/json', 'user-agent': 'ccr-tui', ...headers },
        signal: stop.signal,
      });
      void asked.on('downloadProgress', ({ transferred }) => {
        if (transferred > maxBytes) stop.abort();
      });
      const { statusCode, body, headers: said } = await asked;
      return { kind: 'answer', status: statusCode, body, retryAfter: said['retry-after'] ?? null };
    } catch (error) {
      return failureOf(error);
    }
  };
};
