import { setTimeout as sleep } from 'node:timers/promises';
import type { Plan } from './chaos-plan.ts';
import { sayingOf } from './chaos-upstream.ts';
import type { HttpMessage } from './http-bytes.ts';
import { connectRaw, requestBytes } from './raw-client.ts';
import type { RawConnection } from './raw-connection.ts';

/** How a request ended for its client. Exactly one of these. */
export type Seen =
  /** A whole answer, and the right one. */
  | { kind: 'success'; id: string; attempts: number }
  /** A whole answer that says what is wrong; `code` is ours, null when the provider's error was passed on. */
  | { kind: 'error'; id: string; status: number; code: string | null }
  /** An answer that says within its stream that it failed. */
  | { kind: 'failed-stream'; id: string; whole: boolean }
  /** An answer without its end. */
  | { kind: 'cut'; id: string }
  | { kind: 'left' }
  /** None of these, which must not be. */
  | { kind: 'wrong'; what: string };

/** The model a row tells the request of that number by. */
export const modelOf = (index: number): string => `claude-haiku-${index}`;

const bytesOf = (plan: Plan, host: string): Buffer => {
  const content = `request ${plan.index} ${'x'.repeat(plan.padding)}`;
  const body = {
    model: modelOf(plan.index),
    max_tokens: 100,
    stream: plan.stream,
    messages: [{ role: 'user', content }],
  };
  return requestBytes(
    'POST',
    '/v1/messages',
    {
      host,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      'x-chaos': String(plan.index),
    },
    JSON.stringify(body),
  );
};

const textIn = (answer: HttpMessage, stream: boolean): string => {
  const body = answer.body.toString('utf8');
  if (!stream) return (JSON.parse(body) as { content: { text: string }[] }).content[0]?.text ?? '';
  return body
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice(6)) as { type: string; delta?: { text?: string } })
    .map(({ delta }) => delta?.text ?? '')
    .join('');
};

const judgeError = (answer: HttpMessage, id: string, status: number): Seen => {
  const { type, error } = JSON.parse(answer.body.toString('utf8')) as { type?: string; error?: object };
  if (type !== 'error' || error === undefined) return { kind: 'wrong', what: `${status} without an error` };
  return { kind: 'error', id, status, code: answer.header('x-ccr-error') ?? null };
};

const judge = (answer: HttpMessage, { index, stream }: Plan): Seen => {
  const id = answer.header('x-ccr-request-id') ?? '';
  const status = Number(answer.startLine.split(' ')[1]);
  if (status !== 200 && answer.complete) return judgeError(answer, id, status);
  if (stream && answer.body.includes('event: error')) {
    return { kind: 'failed-stream', id, whole: answer.complete };
  }
  if (!answer.complete) return { kind: 'cut', id };
  if (stream && !answer.body.includes('event: message_stop')) {
    return { kind: 'wrong', what: 'a stream without its end looks whole' };
  }
  if (textIn(answer, stream) !== sayingOf(index)) {
    return { kind: 'wrong', what: `another answer: ${answer.body.toString('utf8').slice(0, 300)}` };
  }
  return { kind: 'success', id, attempts: Number(answer.header('x-ccr-attempts')) };
};

/** Leaves as the plan says; false when the answer was there before. */
const leave = async (connection: RawConnection, plan: Plan, bytes: Buffer): Promise<boolean> => {
  if (plan.leave === 'mid-upload') {
    await connection.send(bytes.subarray(0, -10));
    await sleep(plan.patience);
  } else {
    await connection.send(bytes);
    const begun = connection.received().length;
    if (plan.leave === 'waiting') await sleep(plan.patience);
    else await connection.until((all) => all.length > begun, 15_000).catch(() => undefined);
  }
  // A FIN where nothing has come yet, so that the request is seen; else a reset.
  connection.socket.destroy();
  return true;
};

/** A client: sends the requests of its plans one after the other, over one connection as long as that lasts. */
export const createChaosClient = (port: number) => {
  let connection: RawConnection | null = null;
  let carried = 0;
  const take = async (): Promise<RawConnection> => {
    const fresh = connection === null || connection.socket.destroyed || carried >= 25;
    if (!fresh && connection !== null) return connection;
    connection?.socket.destroy();
    carried = 0;
    return (connection = await connectRaw(port));
  };
  const drop = (): void => {
    connection?.socket.destroy();
    connection = null;
  };
  return {
    async ask(plan: Plan): Promise<Seen> {
      const used = await take();
      carried += 1;
      const bytes = bytesOf(plan, `127.0.0.1:${port}`);
      if (plan.leave !== null) {
        await leave(used, plan, bytes);
        drop();
        return { kind: 'left' };
      }
      await used.send(bytes);
      try {
        const answer = await used.message(15_000);
        if (!answer.complete || answer.header('connection') === 'close') drop();
        return judge(answer, plan);
      } catch (error) {
        drop();
        return { kind: 'wrong', what: String(error) };
      }
    },
    close: drop,
  };
};
