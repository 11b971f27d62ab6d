import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Target } from './target.ts';

/** node:tls, loaded by whoever is the first to ask: it costs 8 ms and 5 MB, and a provider on this machine needs none. */
export const loadTls = () => process.getBuiltinModule('node:tls');

/** What a later TLS connection to the same provider may resume. */
export type TlsSession = { get(): Buffer | undefined; set(session: Buffer): void };

/** Opens a connection to a provider: to the addresses of its name one after the other, until one answers. */
export const openSocket = (target: Target, session: TlsSession): Socket =>
  target.secure
    ? openTls(target, session, null)
    : connectTcp({ host: target.hostname, port: target.port, noDelay: true });

/** TLS to a provider, over a connection of its own or over `way`, which leads there already. */
export const openTls = ({ hostname, port }: Target, session: TlsSession, way: Socket | null): TLSSocket => {
  const known = session.get();
  const socket = loadTls().connect({
    // With `way` the host is only what the certificate is checked against.
    host: hostname,
    ...(way === null ? { port } : { socket: way }),
    servername: isIP(hostname) === 0 ? hostname : '',
    ALPNProtocols: ['http/1.1'],
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says: without the check anybody on the way gets the key.
    rejectUnauthorized: true,
    ...(known ? { session: known } : {}),
  });
  socket.setNoDelay(true);
  socket.on('session', (next: Buffer) => session.set(next));
  return socket;
};

type Written = (error?: Error | null) => void;

/**
 * Takes a write that fails for the end of what can be sent, not for the end of the connection. A provider that refuses a
 * request before it has come whole answers and hangs up: its answer lies unread in the kernel when our next write fails,
 * and node would throw both away. The reading side tells what came, and that it is over.
 */
export const outliveWrites = (socket: Socket, onFailed: () => void): void => {
  const { _write: write, _writev: writeMany } = socket;
  const forgiving =
    (done: Written): Written =>
    (error) => {
      if (error) onFailed();
      done();
    };
  socket._write = (chunk, encoding, done) => write.call(socket, chunk, encoding, forgiving(done));
  if (writeMany) socket._writev = (chunks, done) => writeMany.call(socket, chunks, forgiving(done));
};
