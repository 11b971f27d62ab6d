import { connect as connectTcp, isIP, isIPv6, Socket } from 'node:net';
import type { OutboundProxy } from '../config/outbound-proxy.ts';
import { systemCode } from '../shared/system-code.ts';
import { loadTls } from './provider-socket.ts';
import { isInterim, parseResponseHead } from './response-head.ts';
import type { Target } from './target.ts';

/** Who waits for a way through a proxy. At most one of the two is told, and nothing once the socket was destroyed. */
export type TunnelListener = {
  /** The other end of the socket is the provider now; no byte of it has been read. */
  opened(socket: Socket): void;
  /** Why there is no way, in words that may be shown. */
  failed(reason: string): void;
};

const longestHead = 16_384;
const headEnd = Buffer.from('\r\n\r\n');

/** Asks a proxy for a way to the provider (RFC 9110 section 9.3.6). Destroying the returned socket ends the try. */
export const openTunnel = (
  { hostname, port }: Pick<Target, 'hostname' | 'port'>,
  proxy: OutboundProxy | 'unusable',
  listener: TunnelListener,
): Socket => {
  if (proxy === 'unusable') return nowhere(listener);
  const socket = proxy.secure ? openTls(proxy) : connectTcp({ host: proxy.hostname, port: proxy.port });
  socket.setNoDelay(true);
  let received: Buffer = Buffer.alloc(0);
  const leave = (): void => {
    for (const event of ['data', 'end', 'error', 'close', 'connect', 'secureConnect']) {
      socket.removeAllListeners(event);
    }
  };
  const fail = (reason: string): void => {
    leave();
    socket.on('error', () => {});
    socket.destroy();
    listener.failed(reason);
  };
  socket.once(proxy.secure ? 'secureConnect' : 'connect', () => {
    const place = `${isIPv6(hostname) ? `[${hostname}]` : hostname}:${port}`;
    const credentials = proxy.authorization;
    const shown = credentials === null ? '' : `Proxy-Authorization: ${credentials.reveal()}\r\n`;
    socket.write(`CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\n${shown}\r\n`);
  });
  socket.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    const answer = readAnswer(received);
    if (answer === 'incomplete') return;
    if (answer !== 'open') return fail(answer);
    leave();
    // Who reads it next must find every byte there.
    socket.pause();
    socket.on('error', () => {});
    listener.opened(socket);
  });
  socket.on('end', () => fail('it ended the connection'));
  socket.on('error', (error) => fail(`it cannot be reached (${systemCode(error) ?? error.message})`));
  socket.on('close', () => fail('it ended the connection'));
  return socket;
};

/** What the variable names is no proxy; to go past it is not what was asked for. */
const nowhere = ({ failed }: TunnelListener): Socket => {
  const socket = new Socket();
  setImmediate(() => {
    if (!socket.destroyed) failed('what HTTPS_PROXY names is no proxy that can be used');
  });
  return socket;
};

const openTls = ({ hostname, port }: OutboundProxy): Socket =>
  loadTls().connect({
    host: hostname,
    port,
    servername: isIP(hostname) === 0 ? hostname : '',
    ALPNProtocols: ['http/1.1'],
    // It is shown a password, perhaps.
    rejectUnauthorized: true,
  });

/** `open`, `incomplete`, or why there is no way. */
const readAnswer = (bytes: Buffer): string => {
  let from = 0;
  for (;;) {
    const end = bytes.indexOf(headEnd, from);
    if (end === -1) return bytes.length > longestHead ? 'what it answers is no HTTP' : 'incomplete';
    const head = parseResponseHead(bytes.toString('latin1', from, end), 'CONNECT');
    from = end + headEnd.length;
    if (head === null || from > longestHead) return 'what it answers is no HTTP';
    if (isInterim(head.status)) continue;
    if (head.status === 407) return 'it wants a user name and password, or others (407)';
    if (head.status < 200 || head.status > 299) return `it answers ${head.status}`;
    // A provider waits for our first word.
    return from === bytes.length ? 'open' : 'it says more than it was asked for';
  }
};
