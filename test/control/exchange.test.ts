import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createExchange, type Exchange } from '../../source/control/exchange.ts';
import { encodeLine } from '../../source/control/protocol.ts';

const folder = mkdtempSync(join(tmpdir(), 'ccr-exchange-'));
const server = createServer();
let far: Socket;
let exchange: Exchange;

beforeEach(async () => {
  server.listen(join(folder, 'socket'));
  await once(server, 'listening');
  const near = connect(join(folder, 'socket'));
  [far] = (await once(server, 'connection')) as [Socket];
  far.on('error', () => undefined);
  exchange = createExchange(near, 'ccr-tui (pid 7)');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  far.destroy();
  await exchange.closed;
  server.close();
  await once(server, 'close');
  rmSync(join(folder, 'socket'), { force: true });
});

const answer = (...messages: object[]): void => {
  far.write(messages.map((message) => encodeLine(message)).join(''));
};
const event = (seq: number) => ({ event: { seq, event: { type: 'dropped', at: 1, count: 1 } } });
/** Time for an answer that comes. */
const patienceMs = 15_000;
const error = { code: 'locked', message: 'busy', hint: null, problems: [] };

describe('questions', () => {
  test('get their own answers, in whatever order these come', async () => {
    const asked = [1, 2, 3].map((id) => exchange.ask(id, encodeLine({ id }), patienceMs));
    answer({ id: 3, result: 'c' }, { id: 1, result: 'a' }, { id: 99, result: 'nobody asked' });
    answer({ id: 2, result: 'b' });
    expect(await Promise.all(asked)).toEqual(['a', 'b', 'c']);
  });

  test('reject with the error they brought, and the others go on', async () => {
    const asked = [1, 2].map((id) => exchange.ask(id, '', patienceMs));
    answer({ id: 1, error }, { id: 2, result: 'fine' });
    expect(await Promise.allSettled(asked)).toMatchObject([
      { reason: { code: 'locked' } },
      { value: 'fine' },
    ]);
  });

  test('that nobody answers in time reject alone', async () => {
    const slow = exchange.ask(1, '', 30);
    await expect(slow).rejects.toMatchObject({ code: 'control_refused', message: /does not answer/ });
    const next = exchange.ask(2, '', patienceMs);
    answer({ id: 1, result: 'late' }, { id: 2, result: 'fine' });
    expect(await next).toBe('fine');
  });

  test.each([
    ['no JSON', 'hello\n', 'control_refused'],
    ['an error without an id', encodeLine({ id: null, error }), 'locked'],
    ['the end', '', 'no_instance'],
  ])('all reject when %s comes, and so does every later one', async (_, bytes, code) => {
    const asked = [1, 2].map((id) => exchange.ask(id, '', patienceMs));
    if (bytes === '') far.destroy();
    else far.write(bytes);
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes).toMatchObject([{ reason: { code } }, { reason: { code } }]);
    await exchange.closed;
    await expect(exchange.ask(3, '', patienceMs)).rejects.toMatchObject({ code });
  });
});

test('events that come before anybody listens are kept, and none is lost behind an answer', async () => {
  const asked = exchange.ask(1, '', patienceMs);
  answer({ id: 1, result: 'go' }, event(1), event(2));
  await asked;
  const got: number[] = [];
  exchange.listen((events) => got.push(...events.map(({ seq }) => seq)));
  answer(event(3));
  await expect.poll(() => got).toEqual([1, 2, 3]);
});
