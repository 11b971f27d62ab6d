import type { Agent as HttpAgent } from 'node:http';
import type { Agent } from 'node:https';
import { outboundProxies } from '../config/outbound-proxy.ts';
import type { Environment } from '../shared/environment.ts';
import { NoWay, openTunnelAgent } from './tunnel-agent.ts';

/** What makes the connections of one question. */
export type OutboundAgents = { http: HttpAgent; https: Agent };

/**
 * Agents for one question to that URL, by the company's proxy where HTTPS_PROXY and NO_PROXY say so, as the traffic goes. No
 * connection is kept: one that had died unseen would leave it open whether a token was taken. The proxy has `reachMs` to open
 * the way. Throws `NoWay`.
 */
export const outboundAgents = async (
  url: string,
  env: Environment,
  reachMs: number,
): Promise<OutboundAgents> => {
  const [http, https] = await Promise.all([import('node:http'), import('node:https')]);
  const { protocol, hostname, port } = new URL(url);
  const straight = {
    http: new http.Agent({ keepAlive: false }),
    https: new https.Agent({ keepAlive: false }),
  };
  if (protocol !== 'https:') return straight;
  const { variable, proxyTo } = outboundProxies(env);
  const proxy = proxyTo({
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 443 : Number(port),
  });
  if (proxy === 'unusable') throw new NoWay(`${variable ?? 'HTTPS_PROXY'} names no proxy that can be used`);
  return proxy === null ? straight : { ...straight, https: await openTunnelAgent(proxy, reachMs) };
};
