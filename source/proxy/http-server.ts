import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { oldestTls } from './tls-identity.ts';

export type HttpServer<Secure extends boolean> = Secure extends true ? TlsServer : Server;

export type HttpServerOptions = {
  /** For the headers of a request, and for the handshake of TLS before them. */
  clientHeadersMs: number;
  serve(request: IncomingMessage, response: ServerResponse): void;
  /** Whether a connection from this address is taken; what is not is closed without a word. */
  admits(peer: string): boolean;
  /** A connection has ended: a pipelined answer whose turn never comes hears of that by itself on newer Nodes only. */
  left(socket: Socket): void;
};

/** node:http with our limits, in plain text or behind TLS: that one needs `setSecureContext` before it listens. */
export const createHttpServer = <Secure extends boolean>(
  secure: Secure,
  options: HttpServerOptions,
): HttpServer<Secure> => (secure ? tlsServer(options) : plainServer(options)) as HttpServer<Secure>;

const plainServer = (options: HttpServerOptions): Server => {
  const server = createServer(limits(options), options.serve);
  listen(server, options);
  server.on('connection', (socket) => socket.once('close', () => options.left(socket)));
  return server;
};

const tlsServer = (options: HttpServerOptions): TlsServer => {
  const handshakeTimeout = options.clientHeadersMs;
  const server = createTlsServer(
    { ...limits(options), minVersion: oldestTls, handshakeTimeout },
    options.serve,
  );
  listen(server, options);
  server.on('secureConnection', (socket) => socket.once('close', () => options.left(socket)));
  // What is no TLS gets no answer: in plain text it would go to a program that believes to talk in private.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
};

const limits = ({ clientHeadersMs }: HttpServerOptions) => ({
  headersTimeout: clientHeadersMs,
  // Node's own limit for a whole request; a slow upload is not a reason to end an answer.
  requestTimeout: 0,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 75_000,
  noDelay: true,
});

const listen = (server: Server | TlsServer, { serve, admits }: HttpServerOptions): void => {
  server.maxConnections = 4096;
  // Without this listener node asks for the body before the gate has seen the request.
  server.on('checkContinue', serve);
  server.on('connection', (socket: Socket) => {
    if (!admits(socket.remoteAddress ?? '')) socket.destroy();
  });
  server.on('clientError', refuseGarbage);
  // Tunnels are not ours; without a listener a dropped tunnel socket would end the process.
  server.on('connect', (_request, socket) => {
    socket.on('error', () => {});
    socket.destroy();
  });
};

/** What the parser refuses: answered once, when the socket still listens, and closed. */
const refuseGarbage = (error: NodeJS.ErrnoException, socket: Socket): void => {
  socket.on('error', () => {});
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = garbageStatus[error.code ?? ''] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
};

const garbageStatus: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};
