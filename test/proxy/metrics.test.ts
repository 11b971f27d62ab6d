import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { digestKey, newClientKey } from '../../source/credentials/key-pepper.ts';
import { contentType } from '../../source/proxy/exposition.ts';
import { metricsText, type MetricsNow } from '../../source/proxy/metrics.ts';
import { createTally } from '../../source/proxy/tally.ts';
import { asEpoch, type LimitWindow } from '../../source/shared/types.ts';
import { readByOthers, readByUs } from '../kit/foreign-exposition.ts';
import { connectRaw, exchange } from '../kit/raw-client.ts';
import { readExposition, valueIn, type MetricFamily } from '../kit/read-exposition.ts';
import { keyRecord } from '../kit/records.ts';
import { accountView } from '../store/samples.ts';
import {
  ask,
  askBytes,
  askStream,
  endAll,
  headerOf,
  inFrontOf,
  startPair,
  startProxy,
  type Ask,
  type TestProxy,
} from './start-proxy.ts';

afterEach(endAll);

const metrics: Ask = { method: 'GET', path: '/metrics' };

const scrape = async (proxy: TestProxy): Promise<ReadonlyMap<string, MetricFamily>> => {
  const answer = await ask(proxy, metrics);
  expect([answer.status, headerOf(answer, 'content-type')]).toEqual([200, contentType]);
  const text = String(answer.response?.body);
  const families = readExposition(text);
  expect(readByUs(families)).toEqual(readByOthers(text));
  return families;
};

test('requests, outcomes, attempts, times, tokens, windows and costs are told, by account', async () => {
  const pair = await startPair({ work: { kind: 'unified' } });
  expect((await ask(pair)).status).toBe(200);
  expect((await askStream(pair)).status).toBe(200);
  await pair.row(1);
  pair.proxy.setCosts([
    { account: 'work', billing: 'money', usd: 1.5, unpriced: 0 },
    { account: 'max', billing: 'list_value', usd: null, unpriced: 2 },
  ]);
  const families = await scrape(pair);
  const value = (name: string, labels = {}): number | undefined =>
    valueIn(families, `ccr_tui_${name}`, labels);
  const work = { account: 'work' };
  expect(value('requests_total', { ...work, status: '200' })).toBe(2);
  expect(value('request_outcomes_total', { ...work, outcome: 'ok' })).toBe(2);
  expect(value('attempts_total', { ...work, verdict: 'forwarded' })).toBe(2);
  expect(value('first_byte_seconds_count', work)).toBe(2);
  expect(value('request_duration_seconds_bucket', { ...work, le: '+Inf' })).toBe(2);
  expect(value('in_flight')).toBe(0);
  expect(value('account_ready', work)).toBe(1);
  expect(value('model_requests_total', { model: 'claude-opus-5-5' })).toBe(2);
  const rows = pair.eventsOf('requestFinished').map(({ request }) => request.tokens.output ?? 0);
  expect(value('tokens_total', { ...work, type: 'output' })).toBe(rows.reduce((a, b) => a + b));
  const { windows } = pair.eventsOf('accountChanged').at(-1)?.account ?? { windows: [] };
  expect(windows.length).toBeGreaterThan(0);
  for (const { id, utilization, resetsAt } of windows) {
    expect(value('account_utilization', { ...work, window: id })).toBe(utilization);
    expect(value('account_window_reset_timestamp_seconds', { ...work, window: id })).toBe(
      Number(resetsAt) / 1000,
    );
  }
  expect(value('cost_usd_total', { ...work, billing: 'money' })).toBe(1.5);
  // What nobody knows is not told; least of all as 0.
  expect(value('cost_usd_total', { account: 'max', billing: 'list_value' })).toBeUndefined();
  expect(value('unpriced_requests_total', { account: 'max', billing: 'list_value' })).toBe(2);
});

test('a request under way is in flight, and one at the gate is refused', async () => {
  const asked = Promise.withResolvers<void>();
  const proxy = await inFrontOf(async (connection) => {
    await connection.message(60_000);
    asked.resolve();
    await connection.closed;
  });
  const client = await connectRaw(proxy.port);
  await client.send(askBytes(proxy));
  await asked.promise;
  const foreign = await exchange(proxy.port, 'GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n');
  expect([foreign.status, headerOf(foreign, 'x-ccr-error')]).toEqual([421, 'host_refused']);
  expect(String(foreign.response?.body)).not.toContain('work');
  const families = await scrape(proxy);
  expect(valueIn(families, 'ccr_tui_in_flight')).toBe(1);
  expect(valueIn(families, 'ccr_tui_refused_total', { reason: 'host_refused' })).toBe(1);
  client.reset();
});

test('a pool that nobody can use has requests without an account', async () => {
  const proxy = await startProxy([]);
  expect((await ask(proxy)).status).toBe(503);
  expect(valueIn(await scrape(proxy), 'ccr_tui_requests_total', { account: '', status: '503' })).toBe(1);
});

describe('where clients have to show a key', () => {
  test('the figures are for holders of one alone, and a look at them is no request', async () => {
    const pepper = randomBytes(32);
    const key = newClientKey().reveal();
    const hash = digestKey(pepper, key).toString('base64');
    const records = [keyRecord('prometheus', { hash })];
    const proxy = await startProxy([{ name: 'work', url: 'http://127.0.0.1:9' }], {
      config: { requireClientKey: true },
      keys: { records, loadPepper: async () => pepper },
    });
    const refused = await ask(proxy, metrics);
    expect([refused.status, headerOf(refused, 'x-ccr-error')]).toEqual([401, 'key_missing']);
    const answer = await ask(proxy, { ...metrics, headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(200);
    const text = String(answer.response?.body);
    expect(valueIn(readExposition(text), 'ccr_tui_account_ready', { account: 'work' })).toBeDefined();
    expect(text).not.toContain(key);
    expect(text).not.toContain('key-work');
  });

  test('HEAD tells the type, and no other method is served', async () => {
    const proxy = await startProxy([]);
    const head = await exchange(
      proxy.port,
      `HEAD /metrics HTTP/1.1\r\nHost: ${proxy.host}\r\nConnection: close\r\n\r\n`,
    );
    expect([head.status, headerOf(head, 'content-type')]).toEqual([200, contentType]);
    expect((await ask(proxy, { path: '/metrics', body: '' })).status).toBe(405);
  });
});

test('names that mean something to the format, or to a terminal, do no harm', () => {
  const window: LimitWindow = {
    id: '5h"\n\u001b[31m',
    scope: null,
    utilization: 0.5,
    status: null,
    resetsAt: null,
    source: 'header',
    seenAt: asEpoch(0),
  };
  const name = 'a"} 1\nccr_tui_in_flight 99\n\u009b';
  const now: MetricsNow = {
    accounts: [accountView(name, { windows: [window, { ...window, scope: null }] })],
    inFlight: 3,
    heldNow: 1,
    dropped: 2,
  };
  const text = metricsText(createTally(), now);
  // oxlint-disable-next-line no-control-regex -- these are what must not be there
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  const families = readExposition(text);
  expect(readByUs(families)).toEqual(readByOthers(text));
  expect(valueIn(families, 'ccr_tui_in_flight')).toBe(3);
  expect(valueIn(families, 'ccr_tui_events_dropped_total')).toBe(2);
  expect(families.get('ccr_tui_account_utilization')?.samples).toHaveLength(1);
});
