import type { Agent } from 'node:https';
import { isIP, isIPv6 } from 'node:net';
import type { OutboundProxy } from '../config/outbound-proxy.ts';
import { systemCode } from '../shared/system-code.ts';

/** The environment says to go by a proxy, and there is no way through it; why, in words that may be shown. */
export class NoWay extends Error {}

/** The same within an error of a library that asked over such an agent; null for every other error. */
export const noWayIn = (error: unknown): NoWay | null =>
  [error, error instanceof Error ? error.cause : null].find((each) => each instanceof NoWay) ?? null;

/**
 * An agent whose connections go through a company's proxy, each made for one question; the proxy has `reachMs` to open the way.
 * Node has this by itself from 22.21 and 24.5 on; an older one would go past the proxy.
 */
export const openTunnelAgent = async (proxy: OutboundProxy, reachMs: number): Promise<Agent> => {
  const [http, https, tls] = await Promise.all([
    import('node:http'),
    import('node:https'),
    import('node:tls'),
  ]);
  const ask = proxy.secure ? https.request : http.request;

  class TunnelAgent extends https.Agent {
    override createConnection(...[options, done]: Parameters<Agent['createConnection']>): null {
      const host = (options.host ?? '').replace(/^\[|\]$/g, '');
      const place = `${isIPv6(host) ? `[${host}]` : host}:${options.port ?? 443}`;
      const { hostname, port, name, authorization } = proxy;
      const shown = authorization === null ? {} : { 'proxy-authorization': authorization.reveal() };
      const asked = ask({
        method: 'CONNECT',
        host: hostname,
        port,
        path: place,
        headers: { host: place, ...shown },
        agent: false,
        // It is shown a password, perhaps.
        rejectUnauthorized: true,
      });
      const noWay = (why: string): NoWay => new NoWay(`the proxy ${name} ${why}`);
      // A request without a connection cannot be ended from outside: it would wait for ever, and its lock with it.
      const patience = setTimeout(() => asked.destroy(noWay('does not answer')), reachMs);
      const fail = (why: NoWay): void => {
        clearTimeout(patience);
        done?.(why, asNone);
      };
      asked.once('error', (error) => {
        fail(error instanceof NoWay ? error : noWay(`cannot be reached (${systemCode(error)})`));
      });
      asked.once('connect', ({ statusCode = 0 }, socket, first) => {
        if (statusCode < 200 || statusCode > 299 || first.length > 0) {
          socket.destroy();
          return fail(noWay(`answers ${statusCode}`));
        }
        clearTimeout(patience);
        // Whatever NODE_TLS_REJECT_UNAUTHORIZED says: the proxy would read every token else.
        const checked = { servername: isIP(host) === 0 ? host : '', rejectUnauthorized: true };
        done?.(null, tls.connect({ socket, host, ALPNProtocols: ['http/1.1'], ...checked }));
      });
      asked.end();
      return null;
    }
  }
  return new TunnelAgent({ keepAlive: false });
};

/** Nothing looks at it behind an error. */
const asNone = undefined as never;
