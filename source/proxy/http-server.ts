import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { closeAfter } from './close-after.ts';
import { mostHeaders } from './gate.ts';
import { refuseGarbage } from './refuse-garbage.ts';
import { oldestTls } from './tls-identity.ts';

// Asked for, not imported. Whoever imports node:http reads all that it exports, and three of those names load Node's fetch
// with HTTP/2 and streams of the web, 24 ms and 12 MB of a thread that has to listen first (measured); node:https loads TLS.
const plainHttp = () => process.getBuiltinModule('node:http');
const secureHttp = () => process.getBuiltinModule('node:https');

export type HttpServer<Secure extends boolean> = Secure extends true ? TlsServer : Server;

export type HttpServerOptions = {
  /** For the headers of a request, and for the handshake of TLS before them. */
  clientHeadersMs: number;
  serve(request: IncomingMessage, response: ServerResponse): void;
  /** Whether this connection is taken; what is not is closed without a word. */
  admits(socket: Socket): boolean;
  /** The answers to whole requests that a connection still has to get, and those that have begun. */
  owed(socket: Socket): readonly ServerResponse[];
  /** What came on a connection was not HTTP, and has been answered with this status: a body that began ends here. */
  broke(socket: Socket, status: number): void;
  /** A connection has ended: a pipelined answer whose turn never comes hears of that by itself on newer Nodes only. */
  left(socket: Socket): void;
};

/** node:http with our limits, in plain text or behind TLS: that one needs `setSecureContext` before it listens. */
export const createHttpServer = <Secure extends boolean>(
  secure: Secure,
  options: HttpServerOptions,
): HttpServer<Secure> => (secure ? tlsServer(options) : plainServer(options)) as HttpServer<Secure>;

const plainServer = (options: HttpServerOptions): Server => {
  const server = plainHttp().createServer(limits(options));
  listen(server, options);
  server.on('connection', (socket) => socket.once('close', () => options.left(socket)));
  return server;
};

const tlsServer = (options: HttpServerOptions): TlsServer => {
  const handshakeTimeout = options.clientHeadersMs;
  const server = secureHttp().createServer({ ...limits(options), minVersion: oldestTls, handshakeTimeout });
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
  connectionsCheckingInterval: Math.min(1000, Math.max(50, clientHeadersMs / 4)),
  keepAliveTimeout: 75_000,
  noDelay: true,
  // Said here so that NODE_OPTIONS cannot say otherwise.
  insecureHTTPParser: false,
  maxHeaderSize: 16_384,
});

const listen = (server: Server | TlsServer, options: HttpServerOptions): void => {
  const { admits, owed, broke } = options;
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    // One that was busy when the port was closed: kept, its client would go on asking a server that is to end.
    if (!server.listening) closeAfter(response);
    options.serve(request, response);
  };
  server.on('request', serve);
  server.maxConnections = 4096;
  // One more than the gate lets in: those behind it are left out.
  server.maxHeadersCount = mostHeaders + 1;
  // Without these listeners node asks for the body, or answers, before the gate has seen the request.
  server.on('checkContinue', serve);
  server.on('checkExpectation', serve);
  server.on('connection', (socket: Socket) => {
    if (!admits(socket)) socket.destroy();
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const status = refuseGarbage(error, socket, owed);
    if (status !== null) broke(socket, status);
  });
  // Tunnels are not ours; without a listener a dropped tunnel socket would end the process.
  server.on('connect', (_request, socket) => {
    socket.on('error', () => {});
    socket.destroy();
  });
};
