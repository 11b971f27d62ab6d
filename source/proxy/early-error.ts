import { judgeError, type Verdict } from '../balancer/retry-policy.ts';
import type { UpstreamResponse } from './upstream-response.ts';

/** A document, or the first event of a stream, that is an error from its first word. */
const beginnings = [
  ['application/json', /^\s*\{\s*"type"\s*:\s*"error"/],
  ['text/event-stream', /^event: ?error\r?\n/],
] as const;

const errorType = /"error"\s*:\s*\{\s*"type"\s*:\s*"(\w{1,40})"/;

/** Enough to tell an answer from an error, and to read what kind of error it is. */
const beginningBytes = 64;
const openingBytes = 512;

/**
 * What an answer of success really means that begins with an error, while nothing of it has gone to the client; null when
 * it is none. Only what came together with its head is looked at: no answer waits for this.
 */
export const earlyError = (
  response: Pick<UpstreamResponse, 'status' | 'headers' | 'opening'>,
): Verdict | null => {
  const { status, headers } = response;
  if (status !== 200 || headers['content-encoding'] !== undefined) return null;
  const type = headers['content-type'] ?? '';
  const beginning = beginnings.find(([name]) => type.startsWith(name));
  if (beginning === undefined || !beginning[1].test(response.opening(beginningBytes))) return null;
  return judgeError(errorType.exec(response.opening(openingBytes))?.[1] ?? '');
};
