import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopback } from '../config/loopback.ts';
import { identify, turnAway, type AdmitContext } from './admit.ts';
import { reject } from './answer.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { Captures } from './captures.ts';
import { closeAfter, comesTooLate } from './close-after.ts';
import { clientAddressOf, mayConnect } from './client-address.ts';
import { clientConnections, type ClientConnections } from './client-connections.ts';
import { greetPage } from './cors.ts';
import { callerName, openExchange, type Exchange } from './exchange.ts';
import type { ForwardRules } from './forward.ts';
import type { LiveRequests } from './live-requests.ts';
import { gate, type Refusal } from './gate.ts';
import { createHttpServer, type HttpServer } from './http-server.ts';
import type { Bound } from './listen.ts';
import { hopsOf, isLoop } from './loop.ts';
import { contentType } from './exposition.ts';
import { sendError, sendJson, sendText } from './own-answer.ts';
import { receive, type ReceiveContext } from './receive.ts';
import { envelopeOf, routeOf, type Route } from './route-table.ts';
import { skipBody } from './skip-body.ts';

export type ServerContext = AdmitContext &
  ReceiveContext & {
    /** What was bound; Host headers are compared with it. */
    bound(): Bound;
    /** Requests under way; the server adds and removes. */
    live: LiveRequests;
    /** What is kept of heads and bodies. */
    captures: Pick<Captures, 'open'>;
    /** What `/metrics` answers now. */
    metrics(): string;
  };

/** The HTTP side towards the clients: gate, routes, bodies. Listening, and the certificate of TLS, are up to the caller. */
export const createProxyServer = <Secure extends boolean>(
  secure: Secure,
  context: ServerContext,
): HttpServer<Secure> => {
  const connections = clientConnections(context);
  const serving: Serving = { ...context, endsGreedy: connections.endsGreedy };
  return createHttpServer(secure, {
    ...connections,
    clientHeadersMs: context.config().timeouts.clientHeadersMs,
    serve: (request, response) => serve(request, response, serving),
  });
};

type Serving = ServerContext & Pick<ClientConnections, 'endsGreedy'>;

/** What is there for holders of a key alone, and is not forwarded. */
type Inner = Extract<Route, { kind: 'refused' | 'metrics' }>;

const ignore = (): void => {};

/** An error of ours costs the request that met it, never the process. */
const serve = (request: IncomingMessage, response: ServerResponse, context: Serving): void => {
  request.on('error', ignore);
  response.on('error', ignore);
  if (comesTooLate(request, response)) return;
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

/** Why this request goes no further; null when it may. */
const refusalOf = (request: IncomingMessage, address: string, context: ServerContext): Refusal | null => {
  const config = context.config();
  const { allowedHosts, allowedOrigins } = config;
  const { rawHeaders, headers, url: target = '/', method = 'GET', httpVersion: version } = request;
  if (!mayConnect(address, config)) {
    return { code: 'address_refused', message: 'this address is not served' };
  }
  const { host, port, url } = context.bound();
  const localAddress = isLoopback(host) ? undefined : request.socket.localAddress;
  const refusal = gate(
    { method, rawHeaders, headers, target, version, localAddress },
    { host, port, secure: url.startsWith('https:'), allowedHosts, allowedOrigins },
  );
  if (refusal !== null || !isLoop(hopsOf(headers.connection), context.hop)) return refusal;
  const message = 'this request was here before: an account of this proxy leads back to it';
  return { code: 'loop_detected', message };
};

const dispatch = (request: IncomingMessage, response: ServerResponse, context: Serving): void => {
  const { headers, url = '/', method = 'GET', socket } = request;
  const forwardedFor = headers['x-forwarded-for'];
  const address = clientAddressOf(
    socket.remoteAddress ?? '',
    typeof forwardedFor === 'string' ? forwardedFor : undefined,
    context.config(),
  );
  const refusal = refusalOf(request, address, context);
  if (refusal) {
    context.refused(`${refusal.code}: ${refusal.message}`);
    const envelope = envelopeOf(url);
    closeAfter(response);
    sendError(response, { ...refusal, envelope, requestId: null });
    request.resume();
    return;
  }
  if (headers.origin !== undefined && greetPage(request, response)) {
    request.resume();
    return;
  }
  const exchange = openExchange(request, response, context.clock, address);
  const route = routeOf(method, exchange.path);
  if (route.kind === 'forward') void serveForward(exchange, route, context);
  else if (route.kind === 'refused' || route.kind === 'metrics') void serveInner(exchange, route, context);
  else local(exchange, route, context);
};

/** What is not there is so for holders of a key, and figures name accounts; others learn nothing. Never rejects. */
const serveInner = async (exchange: Exchange, route: Inner, context: ServerContext): Promise<void> => {
  try {
    const { request, response, path } = exchange;
    const asked = identify(exchange, context);
    const refusal = asked instanceof Promise ? await asked : asked;
    if (refusal !== null) return await turnAway(exchange, refusal, context);
    skipBody(request, context.config().timeouts.clientBodyMs);
    if (route.kind === 'metrics') sendText(response, contentType, context.metrics());
    else sendError(response, { ...route, envelope: envelopeOf(path), requestId: null });
  } catch (error) {
    failed(exchange.response, error, context);
  }
};

/** Lets in whom its key lets in, for as long as the request lasts. */
const admit = async (exchange: Exchange, rules: ForwardRules, context: ServerContext): Promise<void> => {
  const asked = identify(exchange, context);
  const refusal = asked instanceof Promise ? await asked : asked;
  const { caller, client } = exchange;
  const { budgets } = context;
  const awaited = refusal === null ? budgets.awaited() : null;
  // Whoever leaves meanwhile reaches no provider: an attempt looks first whether anybody waits for it.
  if (awaited !== null) await client.waitFor(awaited);
  const why = refusal ?? budgets.refusalOf(callerName(exchange)) ?? caller?.enter() ?? null;
  if (why !== null) return turnAway(exchange, why, context);
  try {
    await receive(exchange, rules, context);
  } finally {
    caller?.leave();
  }
};

/** From the key to the row. Never rejects. */
const serveForward = async (exchange: Exchange, rules: ForwardRules, context: Serving): Promise<void> => {
  if (context.endsGreedy(exchange.request.socket)) return;
  context.live.add(exchange);
  exchange.capture = context.captures.open(exchange);
  try {
    await admit(exchange, rules, context);
  } catch (error) {
    reject(exchange, { code: 'internal_error', message: 'The proxy failed on this request.' }, context);
    failed(exchange.response, error, context);
  } finally {
    exchange.capture?.close();
    context.live.delete(exchange);
  }
};

/** What the proxy answers by itself. No names, no secrets, no history row. */
const local = (
  { request, response }: Exchange,
  route: Exclude<Route, Inner>,
  context: ServerContext,
): void => {
  skipBody(request, context.config().timeouts.clientBodyMs);
  const ready = context.pool.readyCount();
  if (route.kind === 'root') sendJson(response, 200, '');
  else if (route.kind === 'health') sendJson(response, 200, '{"status":"ok"}');
  else if (route.kind === 'ready') {
    sendJson(response, ready > 0 ? 200 : 503, JSON.stringify({ ready: ready > 0, accounts: ready }));
  }
};
