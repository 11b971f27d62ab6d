import { setTimeout as sleep } from 'node:timers/promises';
import { messageEvents, messageJson, type Message } from '../../source/demo/message-events.ts';
import type { Plan, Toxic } from './chaos-plan.ts';
import { parseHead } from './http-bytes.ts';
import type { RawConnection } from './raw-connection.ts';
import { startRawUpstream, type RawUpstream } from './raw-upstream.ts';

/** What the model says to the request of that number: nobody else's answer looks like it. */
export const sayingOf = (index: number): string => `answer ${index} `.repeat(12).trim();

const messageOf = ({ index }: Plan): Message => ({
  id: `msg_${index}`,
  model: 'claude-haiku-5-5',
  reply: { blocks: [{ type: 'text', text: sayingOf(index) }], stopReason: 'end_turn', outputTokens: 40 },
  prompt: { input: 10, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 },
});

type Bodies = { head: string; pieces: readonly string[]; end: string };

const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

const bodiesOf = (plan: Plan): Bodies => {
  if (plan.stream) {
    const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
    return { head, pieces: messageEvents(messageOf(plan)).map(chunk), end: '0\r\n\r\n' };
  }
  const json = JSON.stringify(messageJson(messageOf(plan)));
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${json.length}\r\n\r\n`;
  return { head, pieces: [json.slice(0, 100), json.slice(100, 200), json.slice(200)], end: '' };
};

const refusal = (status: number, type: string, headers = ''): string => {
  const body = JSON.stringify({ type: 'error', error: { type, message: `said ${status}` } });
  return `HTTP/1.1 ${status} Word\r\ncontent-type: application/json\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`;
};

/** The headers of a window that is spent for another second. */
const spentHeaders = (): string => {
  const name = 'anthropic-ratelimit-unified';
  const reset = Math.ceil(Date.now() / 1000) + 1;
  return [
    `${name}-status: rejected`,
    `${name}-5h-status: rejected`,
    `${name}-5h-utilization: 1`,
    `${name}-5h-reset: ${reset}`,
    '',
  ].join('\r\n');
};

const refusals: Partial<Record<Toxic, () => string>> = {
  spent: () => refusal(429, 'rate_limit_error', spentHeaders()),
  pace: () => refusal(429, 'rate_limit_error', 'retry-after: 1\r\n'),
  refused: () => refusal(429, 'rate_limit_error'),
  invalid: () => refusal(400, 'invalid_request_error'),
  unauthorized: () => refusal(401, 'authentication_error'),
  'server-error': () => refusal(500, 'api_error'),
  unavailable: () => refusal(503, 'api_error'),
  overloaded: () => refusal(529, 'overloaded_error'),
};

/** Everything, so slowly that it comes in pieces. */
const trickle = async (connection: RawConnection, text: string, size: number): Promise<void> => {
  for (let at = 0; at < text.length; at += size) {
    await connection.send(text.slice(at, at + size));
    await sleep(1);
  }
};

const errorEvent =
  'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n';

/** Breaks off before a head. */
const breakOff = async (connection: RawConnection, toxic: Toxic): Promise<boolean> => {
  if (toxic === 'reset-before-head') connection.reset();
  else if (toxic === 'end-before-head') connection.end();
  else if (toxic === 'half-head') await connection.send('HTTP/1.1 200 OK\r\ncontent-ty');
  else if (toxic === 'garbage') await connection.send('\u0016\u0003\u0001 no HTTP\r\n\r\n');
  else return false;
  connection.end();
  return true;
};

/** Breaks off in an answer, which the client then must not take for a whole one. */
const breakOffWithin = async (connection: RawConnection, toxic: Toxic, plan: Plan): Promise<boolean> => {
  const { head, pieces, end } = bodiesOf(plan);
  const [first = '', second = '', ...rest] = pieces;
  if (toxic === 'reset-mid-body' || toxic === 'end-mid-body') {
    await connection.send(`${head}${first}${second.slice(0, -3)}`);
    // A reset throws away what the other side has not read yet: without this it would come before the head.
    await sleep(15);
    if (toxic === 'reset-mid-body') connection.reset();
    else connection.end();
    return true;
  }
  if (!plan.stream) return false;
  if (toxic === 'no-end') await connection.send([head, first, second, ...rest.slice(0, -1), end].join(''));
  else if (toxic === 'error-event') await connection.send(`${head}${first}${chunk(errorEvent)}${end}`);
  else return false;
  return true;
};

/** Gives the whole answer. Returns whether the connection can be used again. */
const giveAnswer = async (connection: RawConnection, toxic: Toxic, plan: Plan): Promise<boolean> => {
  const { head, pieces, end } = bodiesOf(plan);
  const whole = [head, ...pieces, end].join('');
  switch (toxic) {
    case 'slow-head':
      await sleep(30);
      await trickle(connection, head, 40);
      await connection.send([...pieces, end].join(''));
      return true;
    case 'slow-body':
      await connection.send(`${head}${pieces[0] ?? ''}`);
      await sleep(40);
      await connection.send([...pieces.slice(1), end].join(''));
      return true;
    case 'slices':
      await trickle(connection, whole, 97);
      return true;
    case 'extra-bytes':
      await connection.send(`${whole}HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nevil!`);
      return true;
    default:
      await connection.send(whole);
      return true;
  }
};

/** Does what the plan wants of this attempt. Returns whether the connection can be used again. */
const act = async (connection: RawConnection, toxic: Toxic, plan: Plan): Promise<boolean> => {
  const refused = refusals[toxic];
  if (refused) await connection.send(refused());
  if (refused) return true;
  if (await breakOff(connection, toxic)) return false;
  if (await breakOffWithin(connection, toxic, plan)) return toxic === 'no-end' || toxic === 'error-event';
  return giveAnswer(connection, toxic, plan);
};

export type ChaosUpstream = Pick<RawUpstream, 'url' | 'connections' | 'close'> & {
  /** How often each request came, and what was done to it. */
  hits: ReadonlyMap<number, readonly Toxic[]>;
};

/**
 * A provider that does to each attempt what the plan of its request says, by the number in its header `x-chaos`; a request
 * without one is answered.
 */
export const startChaosUpstream = async (plan: (index: number) => Plan): Promise<ChaosUpstream> => {
  const hits = new Map<number, Toxic[]>();
  const serve = async (connection: RawConnection): Promise<void> => {
    let seen = 0;
    for (;;) {
      const from = seen;
      await connection.until((bytes) => parseHead(bytes.subarray(from)) !== null, 120_000);
      const head = parseHead(connection.received().subarray(from))?.head;
      const index = Number(head?.header('x-chaos') ?? -1);
      const planned = plan(index);
      const attempts = hits.get(index) ?? [];
      const toxic = planned.toxics[attempts.length] ?? 'answer';
      hits.set(index, [...attempts, toxic]);
      // Before the upload is over, which the connection then does not survive.
      if (toxic === 'early' && planned.padding > 0) {
        await giveAnswer(connection, 'answer', planned);
        return connection.end();
      }
      const before = connection.received().length;
      const message = await connection.message(10_000);
      if (!message.complete) return;
      seen = Math.max(before, connection.received().length) - message.rest.length;
      if (!(await act(connection, toxic, planned))) return connection.end();
    }
  };
  const upstream = await startRawUpstream((connection) => serve(connection).catch(() => undefined));
  return {
    url: upstream.url,
    connections: upstream.connections,
    close: () => upstream.close(),
    hits,
  };
};
