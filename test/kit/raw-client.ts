import { once } from 'node:events';
import { connect } from 'node:net';
import type { HttpMessage } from './http-bytes.ts';
import { rawConnection, type PeerEnd, type RawConnection } from './raw-connection.ts';

/** A connection to a loopback port whose every byte the test decides. */
export const connectRaw = async (port: number, host = '127.0.0.1'): Promise<RawConnection> => {
  const socket = connect({ port, host, noDelay: true, allowHalfOpen: true });
  await once(socket, 'connect');
  return rawConnection(socket);
};

export type Exchange = {
  /** The exact bytes that came. */
  bytes: Buffer;
  /** null when no complete head came. */
  response: HttpMessage | null;
  /** From the status line; null without one. */
  status: number | null;
  /** How the server ended the connection; `none` when we closed it after the complete answer. */
  end: PeerEnd;
};

/** Sends these bytes on a connection of their own and collects the answer until it is complete or the connection ends. */
export const exchange = async (
  port: number,
  bytes: string | Uint8Array,
  timeoutMs = 30_000,
): Promise<Exchange> => {
  const connection = await connectRaw(port);
  await connection.send(bytes);
  const response = await connection.message(timeoutMs).catch(async (error: unknown) => {
    if (!connection.socket.readableEnded && !connection.socket.destroyed) throw error;
    return null;
  });
  connection.end();
  if (response?.complete === true) connection.socket.destroy();
  const end = await connection.closed;
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(response?.startLine ?? '')?.[1];
  return {
    bytes: connection.received(),
    response,
    status: status === undefined ? null : Number(status),
    end,
  };
};

/** The bytes of a request; `content-length` is added for a body. */
export const requestBytes = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array = '',
): Buffer => {
  const content = Buffer.from(body);
  const all = content.length > 0 ? { ...headers, 'content-length': String(content.length) } : headers;
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), content]);
};
