import { afterEach, describe, expect, test } from 'vitest';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { newClientKey } from '../../source/credentials/key-pepper.ts';
import { hopsOf, isLoop, markedConnection, mayBeProxy, newHopMark } from '../../source/proxy/loop.ts';
import { Secret } from '../../source/shared/secret.ts';
import {
  answerAll,
  answerBytes,
  ask,
  endAll,
  ending,
  headerOf,
  jsonOf,
  record,
  startProxy,
} from './start-proxy.ts';

afterEach(endAll);

test('marks are read back as they were written, in their order', () => {
  const marks = [newHopMark(), newHopMark()];
  const [first = '', second = ''] = marks;
  expect(hopsOf(markedConnection([first], second))).toEqual(marks);
  expect(hopsOf(`Close, ${first.toUpperCase()} ,x`)).toEqual([first]);
  for (const usual of [undefined, 'keep-alive', 'close', '', 'Upgrade, HTTP2-Settings']) {
    expect(hopsOf(usual)).toEqual([]);
  }
});

test('a loop is a mark of our own, or more of others than anybody sets up', () => {
  const own = newHopMark();
  expect(isLoop([], own)).toBe(false);
  expect(isLoop([newHopMark()], own)).toBe(false);
  expect(isLoop([newHopMark(), own], own)).toBe(true);
  expect(isLoop(Array.from({ length: 4 }, newHopMark), own)).toBe(true);
});

test('a mark goes to this machine and to whoever is shown a key of such a proxy, and to no provider', () => {
  const key = new Secret('sk-ant-api03-of-a-provider');
  expect(mayBeProxy({ loopback: true }, key)).toBe(true);
  expect(mayBeProxy({ loopback: false }, newClientKey())).toBe(true);
  expect(mayBeProxy({ loopback: false }, key)).toBe(false);
});

describe('a proxy whose account leads back to it', () => {
  test('answers 508 after one hop, and serves on', async () => {
    const proxy = await startProxy([{ name: 'self', url: 'http://127.0.0.1:1' }]);
    proxy.proxy.setAccounts([record({ name: 'self', url: proxy.url })]);
    const answer = await ask(proxy);
    expect([answer.status, headerOf(answer, 'x-should-retry')]).toEqual([508, 'false']);
    expect(jsonOf(answer)).toMatchObject({ error: { message: expect.stringContaining('leads back') } });
    expect((await proxy.row()).attempts).toHaveLength(1);
    expect(proxy.eventsOf('requestFinished')).toHaveLength(1);
    expect((await ask(proxy, { method: 'GET', path: '/healthz' })).status).toBe(200);
  });

  test('is found by the second of two that lead to each other: two requests in all', async () => {
    const a = await startProxy([{ name: 'other', url: 'http://127.0.0.1:1' }]);
    const b = await startProxy([{ name: 'other', url: a.url }]);
    a.proxy.setAccounts([record({ name: 'other', url: b.url })]);
    expect((await ask(a)).status).toBe(508);
    const rows = [await a.row(), await b.row()];
    expect(rows.map(({ attempts }) => attempts.length)).toEqual([1, 1]);
    expect([...a.eventsOf('requestFinished'), ...b.eventsOf('requestFinished')]).toHaveLength(2);
  });
});

test('proxies in a row that lead somewhere serve, and what is there sees no mark but in its Connection header', async () => {
  const upstream = ending(await startRawUpstream(answerAll(answerBytes(200, {}, '{}'))));
  const last = await startProxy([{ name: 'real', url: upstream.url }]);
  const middle = await startProxy([{ name: 'last', url: last.url }]);
  const first = await startProxy([{ name: 'middle', url: middle.url }]);
  expect((await ask(first)).status).toBe(200);
  const [connection] = upstream.connections;
  const lines = String(connection?.received()).split('\r\n');
  const marked = lines.filter((line) => /ccr-/i.test(line));
  expect(marked).toHaveLength(1);
  expect(marked[0]).toMatch(/^Connection: keep-alive(?:, ccr-hop-[0-9a-f]{12}){3}$/);
});
