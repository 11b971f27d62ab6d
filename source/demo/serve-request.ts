import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../shared/clock.ts';
import type { Arrival, createArrivals } from './arrivals.ts';
import { errorAnswer, jsonAnswer, type Answer } from './error-answers.ts';
import { faultAnswer, type ActiveFault, type createFaultSwitch } from './faults.ts';
import { messageEvents, messageJson } from './message-events.ts';
import { listModels, showModel } from './models.ts';
import { parseMessageRequest, type MessageRequest } from './parse-request.ts';
import { promptTokens } from './prompt-cache.ts';
import { randomId } from './random.ts';
import { seededRandom, type Random } from '../shared/seeded-random.ts';
import type { Replier } from './replies.ts';
import { sendAnswer, type Outgoing, type Pace } from './send-answer.ts';
import type { SimulatedAccount } from './simulated-account.ts';
import { usageAnswer } from './usage-answer.ts';

export type World = {
  /** By key. */
  accounts: ReadonlyMap<string, SimulatedAccount>;
  clock: Clock;
  random: Random;
  arrivals: ReturnType<typeof createArrivals>;
  faults: ReturnType<typeof createFaultSwitch>;
  pace: Pace;
  /** Nothing pauses any more, from now on. */
  hurried: boolean;
  /** Ends the pauses of each request that is being answered. */
  pausing: Set<AbortController>;
  reply: Replier;
  deltaLength: number;
};

type Asked = {
  method: string;
  path: string;
  query: URLSearchParams;
  /** A sentence when the body is no request of the Messages API. */
  request: MessageRequest | string;
  account: SimulatedAccount | undefined;
  fault: ActiveFault | null;
  id: string;
  random: Random;
};
/** By an account that exists. */
type Known = Asked & { account: SimulatedAccount };

const bodyLimit = 32 * 1024 * 1024;

/** The answer in two pieces, so that a fault can strike between them. */
const inTwo = ({ status, headers, body }: Answer): Outgoing => {
  const middle = Math.ceil(body.length / 2);
  return { status, headers, announced: true, pieces: [body.slice(0, middle), body.slice(middle)] };
};

const messages = (world: World, { account, id, request, random }: Known): Outgoing => {
  if (typeof request === 'string') return inTwo(errorAnswer(400, request, id));
  const { model } = request;
  const refusal = account.refuse(model, world.clock.now());
  if (refusal !== null) {
    const sentence = "This request would exceed your account's rate limit. Please try again later.";
    return inTwo(errorAnswer(429, sentence, id, refusal));
  }
  const prompt = account.charge(request, world.clock.now());
  const reply = world.reply(request, random);
  const message = { id: randomId('msg_01', random), model, reply, prompt };
  const headers = account.limitHeaders(model, world.clock.now());
  const answer: Outgoing = request.stream
    ? {
        status: 200,
        headers: [
          ['content-type', 'text/event-stream; charset=utf-8'],
          ['cache-control', 'no-cache'],
          ...headers,
        ],
        pieces: messageEvents(message, world.deltaLength),
        announced: false,
      }
    : inTwo(jsonAnswer(200, messageJson(message), headers));
  // Output is charged as it is made, so a client that leaves early has paid for what it got.
  const madeBy = (index: number): number => Math.floor((reply.outputTokens * index) / answer.pieces.length);
  return {
    ...answer,
    ...(reply.pace === undefined ? {} : { pace: reply.pace }),
    beforePiece: (index) => {
      account.chargeOutput(model, madeBy(index + 1) - madeBy(index), world.clock.now());
    },
  };
};

const countTokens = (_: World, { request, id }: Known): Outgoing => {
  if (typeof request === 'string') return inTwo(errorAnswer(400, request, id));
  return inTwo(jsonAnswer(200, { input_tokens: promptTokens(request.blocks) }));
};

const usage = (world: World, { account, id }: Known): Outgoing =>
  inTwo(usageAnswer(account.truth(world.clock.now()).windows, account.overage, id));

const routes: readonly {
  method: string;
  path: RegExp;
  answer: (world: World, asked: Known) => Outgoing;
}[] = [
  { method: 'POST', path: /^\/v1\/messages$/, answer: messages },
  { method: 'POST', path: /^\/v1\/messages\/count_tokens$/, answer: countTokens },
  { method: 'GET', path: /^\/api\/oauth\/usage$/, answer: usage },
  { method: 'GET', path: /^\/v1\/models$/, answer: (_, { query }) => inTwo(listModels(query)) },
  {
    method: 'GET',
    path: /^\/v1\/models\/[^/]+$/,
    answer: (_, { path, id }) => inTwo(showModel(path.slice('/v1/models/'.length), id)),
  },
];

const headerIn = (rawHeaders: readonly string[], name: string): string | undefined => {
  const index = rawHeaders.findIndex((each, n) => n % 2 === 0 && each.toLowerCase() === name);
  return index === -1 ? undefined : rawHeaders[index + 1];
};

const keyOf = (rawHeaders: readonly string[]): string | undefined =>
  headerIn(rawHeaders, 'x-api-key') ??
  /^Bearer (.+)$/i.exec(headerIn(rawHeaders, 'authorization') ?? '')?.[1];

/** The whole body; what is over the limit is counted, not kept. null = the client left before its end. */
const readBody = async (request: IncomingMessage, arrival: Arrival): Promise<string | null> => {
  const hash = createHash('sha256');
  const parts: Buffer[] = [];
  try {
    for await (const part of request) {
      if (!Buffer.isBuffer(part)) continue;
      hash.update(part);
      arrival.bodyLength += part.length;
      if (arrival.bodyLength <= bodyLimit) parts.push(part);
    }
  } catch {
    return null;
  }
  arrival.bodySha256 = hash.digest('hex');
  return Buffer.concat(parts).toString('utf8');
};

const withFault = (world: World, asked: Asked): Outgoing | null => {
  const { account, fault, request } = asked;
  if (fault?.plan.phase !== 'answer' || account === undefined) return null;
  const answer = inTwo(faultAnswer({ ...fault, plan: fault.plan }, asked.id));
  if (!fault.plan.limits || typeof request === 'string') return answer;
  const limits = account.limitHeaders(request.model, world.clock.now());
  return { ...answer, headers: [...answer.headers, ...limits] };
};

const answerTo = (world: World, asked: Asked, bodyLength: number): Outgoing => {
  const { account, id, method, path } = asked;
  if (account === undefined) return inTwo(errorAnswer(401, 'invalid x-api-key', id));
  if (bodyLength > bodyLimit) return inTwo(errorAnswer(413, 'Request exceeds the maximum size', id));
  const failed = withFault(world, asked);
  if (failed !== null) return failed;
  const route = routes.find((each) => each.method === method && each.path.test(path));
  return route === undefined
    ? inTwo(errorAnswer(404, 'Not found', id))
    : route.answer(world, { ...asked, account });
};

const describe = (world: World, arrival: Arrival, body: string, random: Random): Asked => {
  const { method } = arrival;
  const [path = '', query] = arrival.path.split('?', 2);
  const account = world.accounts.get(keyOf(arrival.rawHeaders) ?? '');
  const request = parseMessageRequest(body, path !== '/v1/messages');
  // A refusal is no stream, and no fault of streams is used up by it.
  const stream =
    typeof request !== 'string' &&
    request.stream &&
    account?.isSpent(request.model, world.clock.now()) === false;
  const fault = account === undefined ? null : world.faults.take({ account: account.name, path, stream });
  const id = randomId('req_011C', random);
  return { method, path, query: new URLSearchParams(query), request, account, fault, id, random };
};

/** Serves one request from its arrival to its end. */
export const serveRequest = async (
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { method = 'GET', url = '/', rawHeaders } = request;
  const { arrivals } = world;
  const arrival = arrivals.arrive({ at: world.clock.now(), method, path: url, rawHeaders });
  const random = seededRandom(Math.floor(world.random() * 2 ** 32));
  const left = new AbortController();
  const hurry = new AbortController();
  if (world.hurried) hurry.abort();
  world.pausing.add(hurry);
  const closed = new Promise<void>((resolve) => {
    response.once('close', () => {
      left.abort();
      hurry.abort();
      world.pausing.delete(hurry);
      resolve();
    });
  });
  const body = await readBody(request, arrival);
  if (body === null) {
    arrival.end = 'client-left';
    arrivals.settle(arrival);
    return;
  }
  const asked = describe(world, arrival, body, random);
  arrival.account = asked.account?.name ?? null;
  arrival.fault = asked.fault?.fault ?? null;
  arrivals.settle(arrival);
  response.setHeader('request-id', asked.id);
  if (asked.account !== undefined) {
    response.setHeader('anthropic-organization-id', asked.account.organization);
  }
  const answer = answerTo(world, asked, arrival.bodyLength);
  const pace = answer.pace ?? world.pace;
  const sending = { response, fault: asked.fault, pace, hurried: hurry.signal, left: left.signal, closed };
  const ending = await sendAnswer(sending, answer);
  if (response.headersSent) arrival.status = response.statusCode;
  // The last bytes may still be on their way when the client leaves.
  await closed;
  arrival.end = ending === 'sent' && !response.writableFinished ? 'client-left' : ending;
  arrivals.settle(arrival);
};
