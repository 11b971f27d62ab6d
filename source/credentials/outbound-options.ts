import type { Environment } from '../shared/environment.ts';
import { outboundAgents, type OutboundAgents } from './outbound-agent.ts';

/** How one question goes out, for got. */
export type OutboundOptions = {
  agent: OutboundAgents;
  http2: false;
  https: { rejectUnauthorized: true };
  retry: { limit: 0 };
  followRedirect: false;
  throwHttpErrors: false;
  timeout: { request: number; lookup: number; connect: number };
};

/**
 * One question to that URL as everything of ours asks it: over HTTP/1.1, by the company's proxy as the traffic goes, with a
 * certificate that is checked whatever NODE_TLS_REJECT_UNAUTHORIZED says, and once: got would ask again, and follow where it
 * is sent, with what is meant for that one address. `timeoutMs` in all, at most `mostReachMs` of it until the connection is
 * there. Any status is an answer. Throws `NoWay`.
 */
export const outboundOptions = async (
  url: string,
  env: Environment,
  { timeoutMs, mostReachMs }: { timeoutMs: number; mostReachMs: number },
): Promise<OutboundOptions> => {
  const reachMs = Math.min(mostReachMs, timeoutMs);
  return {
    agent: await outboundAgents(url, env, reachMs),
    http2: false,
    https: { rejectUnauthorized: true },
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    timeout: { request: timeoutMs, lookup: reachMs, connect: reachMs },
  };
};
