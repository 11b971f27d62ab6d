import { randomBytes } from 'node:crypto';
import Anthropic, { APIUserAbortError } from '@anthropic-ai/sdk';
import { afterEach, describe, expect, test } from 'vitest';
import type { FaultName } from '../../source/demo/faults.ts';
import { newClientKey } from '../../source/credentials/key-pepper.ts';
import { Secret } from '../../source/shared/secret.ts';
import { inTurn, lateness, runs } from '../kit/lateness.ts';
import { connectRaw } from '../kit/raw-client.ts';
import type { RawConnection } from '../kit/raw-connection.ts';
import { startRawUpstream, type RawUpstream } from '../kit/raw-upstream.ts';
import { clientKey } from './client-key.ts';
import { chunkedHead } from './cuts.ts';
import { fine, pace, spent } from './provider.ts';
import {
  accountId,
  answerBytes,
  askBytes,
  endAll,
  ending,
  question,
  record,
  startPair,
  startProxy,
  type Ask,
  type TestProxy,
} from './start-proxy.ts';

afterEach(endAll);

const pepper = randomBytes(32);
const key = newClientKey().reveal();

/** One request at once. */
const keyRecord = clientKey(pepper, key, { concurrent: 1 });

const body = JSON.stringify({ model: 'm', text: 'x'.repeat(100_000) });

type Case = { proxy: TestProxy; upstream: RawUpstream; client: RawConnection };

/** A client of its own, and a proxy that may keep one such body for a second try, and not two. */
const start = async (names: readonly string[]): Promise<Case> => {
  const upstream = ending(await startRawUpstream());
  const accounts = names.map((name, priority) => ({ name, url: upstream.url, priority }));
  const proxy = await startProxy(accounts, {
    config: { holdMs: 60_000 },
    keys: { records: [keyRecord], loadPepper: async () => pepper },
    // The key of one account does not come: its keychain is locked, and asks a person.
    keeper: { get: (id) => (id === accountId('locked') ? never : Promise.resolve(new Secret('key'))) },
    replayBytes: 150_000,
  });
  return { proxy, upstream, client: await connectRaw(proxy.port) };
};

const asking = ({ proxy }: Case, path?: string): Buffer =>
  askBytes(proxy, { body, headers: { 'x-api-key': key }, ...(path === undefined ? {} : { path }) });

/** Whoever asks again does so on a connection of its own. */
const failed = answerBytes(500, { connection: 'close' }, '{}');

const never = new Promise<null>(() => {});

const anHourOn = (): number => Date.now() + 3_600_000;

/** The connection of the provider with the request on it. */
const asked = async ({ upstream }: Case, index = 0): Promise<RawConnection> => {
  const connection = await upstream.connection(index);
  await connection.message();
  return connection;
};

const answering = async (of: Case, answer: Buffer): Promise<RawConnection> => {
  await of.client.send(asking(of));
  const connection = await asked(of);
  await connection.send(answer);
  return connection;
};

/** Brings a request there. Returns the connection on which it is with the provider; null when it is not. */
const places: Readonly<Record<string, (of: Case) => Promise<RawConnection | null>>> = {
  async 'while its body comes'(of) {
    const headers = { 'x-api-key': key, expect: '100-continue' };
    await of.client.send(askBytes(of.proxy, { body, headers }).subarray(0, -9));
    await of.client.until('100 Continue');
    return null;
  },
  async 'while its body goes through'(of) {
    await of.client.send(asking(of, '/v1/files').subarray(0, -9));
    const connection = await of.upstream.connection(0);
    await connection.until('\r\n\r\n');
    return connection;
  },
  async 'before the head of the answer'(of) {
    await of.client.send(asking(of));
    return asked(of);
  },
  async 'in the middle of the answer'(of) {
    const connection = await answering(of, Buffer.from(chunkedHead));
    await of.client.until('\r\n\r\n');
    return connection;
  },
  async 'at its second attempt'(of) {
    await answering(of, failed);
    return asked(of, 1);
  },
  async 'between two attempts'(of) {
    await answering(of, failed);
    await of.proxy.awaitEvent('attemptFailed');
    await of.proxy.account('locked', ({ inFlight }) => inFlight === 1);
    return null;
  },
  async 'in the queue for an account that asked to slow down'(of) {
    const connection = await answering(of, pace(5, anHourOn()));
    await of.proxy.awaitEvent('requestHeld');
    return connection;
  },
  async 'while it is held'(of) {
    const connection = await answering(of, spent(anHourOn()));
    await of.proxy.awaitEvent('requestHeld');
    return connection;
  },
};

const further: Readonly<Record<string, readonly string[]>> = {
  'at its second attempt': ['work', 'spare'],
  'between two attempts': ['work', 'locked'],
};
const ways = ['end', 'reset'] as const;
const cases = Object.entries(places).flatMap(([place, bring]) => ways.map((way) => ({ place, bring, way })));
const accountsFor = (place: string): readonly string[] => further[place] ?? ['work'];

/** The provider closes when we do; its side stays half open otherwise. */
const closed = async (connection: RawConnection): Promise<void> => {
  connection.socket.once('end', () => connection.end());
  if (connection.socket.readableEnded) connection.end();
  await connection.closed;
};

describe('a client that leaves', () => {
  test.each(Object.entries(places))('%s ends the request upstream within 250 ms', async (place, bring) => {
    const turn = inTurn(ways.length * runs);
    const leaving = ways.map((way) =>
      lateness(250, async (begin) => {
        const of = await start(accountsFor(place));
        const connection = await bring(of);
        await turn();
        begin();
        of.client[way]();
        await (connection === null ? of.proxy.row() : closed(connection));
        expect(await of.proxy.row()).toMatchObject({ outcome: 'aborted' });
      }),
    );
    for (const late of await Promise.all(leaving)) expect(late).toBeLessThan(0);
  });

  test.each(cases)('$place ($way) leaves nothing taken behind', async ({ place, bring, way }) => {
    const of = await start(accountsFor(place));
    await bring(of);
    of.client[way]();
    await of.proxy.row();
    for (const name of accountsFor(place)) await of.proxy.account(name, ({ inFlight }) => inFlight === 0);
    const before = of.upstream.connections.length;
    of.proxy.proxy.setAccounts(['a', 'b'].map((name) => record({ name, url: of.upstream.url })));
    const next = { ...of, client: await connectRaw(of.proxy.port) };
    // The key allows one request, and only a body that is kept can be sent again.
    await next.client.send(asking(next));
    for (const [n, answer] of [failed, fine].entries()) {
      await (await asked(next, before + n)).send(answer);
    }
    expect((await next.client.message()).startLine).toContain(' 200 ');
    next.client.reset();
  });
});

describe('a client that leaves, by the row of its request', () => {
  const ways = Object.entries({
    end: (client: RawConnection) => client.end(),
    reset: (client: RawConnection) => client.reset(),
    destroy: ({ socket }: RawConnection) => socket.destroy(),
  });
  const pairs: (TestProxy & { client: RawConnection })[] = [];
  const asking = async (fault: FaultName, request: Ask) => {
    const pair = await startPair();
    pair.upstream.fail({ fault });
    const client = await connectRaw(pair.port);
    await client.send(askBytes(pair, request));
    pairs.push({ ...pair, client });
    return { ...pair, client };
  };
  const over = async ({ account, client }: (typeof pairs)[number]): Promise<void> => {
    await account('work', ({ inFlight }) => inFlight === 0);
    client.reset();
  };

  /** `begin` is to be awaited: it waits until every other client is there, too. */
  const latenesses = (
    act: (leave: (client: RawConnection) => void, begin: () => Promise<void>) => Promise<void>,
  ) => {
    const turn = inTurn(ways.length * runs);
    const each = ([, leave]: (typeof ways)[number]) =>
      lateness(250, (begin) => act(leave, () => turn().then(begin)));
    return Promise.all(ways.map(each));
  };

  test('before the head, in order, by a reset or without a word: the upstream is closed within 250 ms', async () => {
    const late = await latenesses(async (leave, begin) => {
      const { upstream, client } = await asking('stall-before-head', {});
      await upstream.awaitRequest();
      await begin();
      leave(client);
      await upstream.awaitClose(({ end }) => end === 'client-left');
    });
    expect(Math.max(...late)).toBeLessThan(0);
    for (const pair of pairs.splice(0)) {
      expect(await pair.row()).toMatchObject({ outcome: 'aborted', status: null, account: 'work' });
      await over(pair);
    }
  });

  test('in mid-stream, in all these ways: the upstream is closed within 250 ms', async () => {
    const late = await latenesses(async (leave, begin) => {
      const body = JSON.stringify({ ...question, stream: true });
      const { upstream, client } = await asking('stall-mid-body', { body });
      await client.until('content_block_start');
      await begin();
      leave(client);
      await upstream.awaitClose(({ end }) => end === 'client-left');
    });
    expect(Math.max(...late)).toBeLessThan(0);
    for (const pair of pairs.splice(0)) {
      const row = await pair.row();
      expect(row).toMatchObject({ outcome: 'aborted', status: 200, stopReason: null });
      expect(row.tokens.input).toBeGreaterThan(0);
      await over(pair);
    }
  });

  test('by the abort of the real SDK', async () => {
    const pair = await startPair();
    pair.upstream.fail({ fault: 'stall-mid-body' });
    const client = new Anthropic({ baseURL: pair.url, apiKey: 'x', maxRetries: 0 });
    const stream = client.messages.stream(question);
    stream.once('streamEvent', () => stream.abort());
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(APIUserAbortError);
    await pair.upstream.awaitClose(({ end }) => end === 'client-left');
    expect((await pair.row()).outcome).toBe('aborted');
  });
});
