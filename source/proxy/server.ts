import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { answer, reject } from './answer.ts';
import { sanitize } from '../shared/sanitize.ts';
import { describe } from './describe.ts';
import { openExchange, type Exchange } from './exchange.ts';
import { forward, type ForwardContext, type ForwardRules } from './forward.ts';
import type { LiveRequests } from './live-requests.ts';
import { gate } from './gate.ts';
import { sendError, sendJson } from './own-answer.ts';
import { readBody } from './read-body.ts';
import { envelopeOf, routeOf, type Route } from './route-table.ts';

export type ServerContext = ForwardContext & {
  /** The port that was bound; Host headers are compared with it. */
  port(): number;
  /** Requests under way; the server adds and removes. */
  live: LiveRequests;
  draining(): boolean;
  refused(reason: string): void;
};

/** The HTTP side towards the clients: gate, routes, bodies. Listening is up to the caller. */
export const createProxyServer = (context: ServerContext): Server => {
  const { timeouts } = context.config();
  const server = createServer(
    {
      headersTimeout: timeouts.clientHeadersMs,
      // Node's own limit for a whole request; a slow upload is not a reason to end an answer.
      requestTimeout: 0,
      connectionsCheckingInterval: 1000,
      keepAliveTimeout: 75_000,
      noDelay: true,
    },
    (request, response) => serve(request, response, context),
  );
  server.maxConnections = 4096;
  // Without this listener node asks for the body before the gate has seen the request.
  server.on('checkContinue', (request, response) => serve(request, response, context));
  // A pipelined answer whose turn never comes is told of the end of its connection by newer Nodes only.
  server.on('connection', (socket) => {
    socket.once('close', () => {
      for (const { request, response, client } of context.live) {
        if (request.socket === socket && !response.writableFinished) client.leave();
      }
    });
  });
  server.on('clientError', refuseGarbage);
  // Tunnels are not ours; without a listener a dropped tunnel socket would end the process.
  server.on('connect', (_request, socket) => {
    socket.on('error', () => {});
    socket.destroy();
  });
  return server;
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

const ignore = (): void => {};

/** An error of ours costs the request that met it, never the process. */
const serve = (request: IncomingMessage, response: ServerResponse, context: ServerContext): void => {
  request.on('error', ignore);
  response.on('error', ignore);
  try {
    dispatch(request, response, context);
  } catch (error) {
    failed(response, error, context);
  }
};

const failed = (response: ServerResponse, error: unknown, { emit, clock }: ServerContext): void => {
  const text = `a request failed inside the proxy: ${sanitize(String(error))}`;
  emit({ type: 'logged', at: clock.now(), level: 'error', text });
  if (!response.writableEnded) response.destroy();
};

const dispatch = (request: IncomingMessage, response: ServerResponse, context: ServerContext): void => {
  const { host, allowedHosts, allowedOrigins } = context.config();
  const { rawHeaders, headers, url = '/', method = 'GET' } = request;
  const refusal = gate(
    { rawHeaders, headers, target: url },
    { host, port: context.port(), allowedHosts, allowedOrigins },
  );
  if (refusal) {
    context.refused(`${refusal.code}: ${refusal.message}`);
    const envelope = envelopeOf(url);
    response.setHeader('connection', 'close');
    sendError(response, { ...refusal, envelope, requestId: null });
    request.resume();
    return;
  }
  const exchange = openExchange(request, response, context.clock);
  const route = routeOf(method, exchange.path);
  if (route.kind === 'forward') void serveForward(exchange, route, context);
  else local(exchange, route, context);
};

/** From the body to the row. Never rejects. */
const serveForward = async (
  exchange: Exchange,
  rules: ForwardRules,
  context: ServerContext,
): Promise<void> => {
  context.live.add(exchange);
  try {
    await receive(exchange, rules, context);
  } catch (error) {
    reject(exchange, { code: 'internal_error', message: 'The proxy failed on this request.' }, context);
    failed(exchange.response, error, context);
  } finally {
    context.live.delete(exchange);
  }
};

/** What the proxy answers by itself. No names, no secrets, no history row. */
const local = ({ request, response, path, id }: Exchange, route: Route, context: ServerContext): void => {
  request.resume();
  const ready = context.pool.readyCount();
  if (route.kind === 'root') sendJson(response, 200, '');
  else if (route.kind === 'health') sendJson(response, 200, '{"status":"ok"}');
  else if (route.kind === 'ready') {
    sendJson(response, ready > 0 ? 200 : 503, JSON.stringify({ ready: ready > 0, accounts: ready }));
  } else if (route.kind === 'refused') {
    sendError(response, {
      code: route.code,
      message: route.message,
      envelope: envelopeOf(path),
      requestId: id,
    });
  }
};

const receive = async (exchange: Exchange, rules: ForwardRules, context: ServerContext): Promise<void> => {
  const { request, response } = exchange;
  if (context.draining()) {
    response.shouldKeepAlive = false;
    request.resume();
    return reject(exchange, { code: 'shutting_down', message: 'The proxy is stopping.' }, context);
  }
  const limit = context.config().bodyLimitMiB * 1_048_576;
  if (request.headers.expect !== undefined && Number(request.headers['content-length'] ?? 0) <= limit) {
    response.writeContinue();
  }
  const read = await readBody(request, limit, context.config().timeouts.clientBodyMs);
  if (read.kind === 'complete') exchange.body = read.body;
  exchange.description = describe(request.headers, exchange.body.chunks);
  if (read.kind === 'too_large') {
    response.shouldKeepAlive = false;
    const message = `The request body is larger than ${context.config().bodyLimitMiB} MiB.`;
    return reject(exchange, { code: 'body_too_large', message }, context);
  }
  const forwarded =
    read.kind === 'aborted' ? ({ kind: 'aborted' } as const) : await forward(exchange, rules, context);
  await answer(exchange, forwarded, context);
  // The replay copy is not needed while a slow client closes its connection.
  exchange.body = { chunks: [], length: 0 };
};
