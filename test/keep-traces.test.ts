import { expect, test } from 'vitest';
import { loadSettings } from '../source/config/settings.ts';
import { keepTraces } from '../source/keep-traces.ts';
import type { PriceEntry } from '../source/shared/price-entry.ts';
import { noTokens } from '../source/shared/types.ts';
import { priceOf } from '../source/store/prices.ts';
import { createStore } from '../source/store/store.ts';
import { createFakeClock } from './kit/fake-clock.ts';
import { spansIn, startTraceCollector, withStatus } from './kit/trace-collector.ts';
import { finished } from './store/samples.ts';

const start = (url: string, prices: readonly PriceEntry[] = []) => {
  const store = createStore({ clock: createFakeClock(), price: priceOf, strategy: 'sticky' });
  const { config } = loadSettings({ paths: { config: '/nowhere/config.json' }, env: {}, flags: {} });
  return { store, traces: keepTraces({ config: { ...config, prices, otel: { url } } }, store) };
};

test('every request that has ended arrives as a span: how long, where, what; neither its session nor an unknown figure', async () => {
  const { bodies, url } = await startTraceCollector(withStatus(200));
  const { store, traces } = start(url);
  store.apply([
    finished(1, { session: 'session-marker', firstByteMs: null }),
    finished(2, { outcome: 'error', status: 529, path: '/v1/messages/batches/b_1' }),
  ]);
  await traces.close();
  const [whole, failed] = bodies.flatMap(spansIn);
  const attributes = Object.fromEntries(whole?.attributes.map(({ key, value }) => [key, value]) ?? []);
  expect(whole).toMatchObject({ name: 'POST /v1/messages', status: { code: 0 } });
  expect(Number(whole?.endTimeUnixNano) - Number(whole?.startTimeUnixNano)).toBeCloseTo(6_200_250_000, -5);
  expect(attributes).toMatchObject({
    'http.response.status_code': { intValue: 200 },
    'gen_ai.request.model': { stringValue: 'claude-opus-5-5' },
    'ccr_tui.account': { stringValue: 'work' },
    'ccr_tui.attempts': {
      arrayValue: { values: [{ stringValue: 'home: limited' }, { stringValue: 'work: forwarded' }] },
    },
  });
  expect(attributes).not.toHaveProperty('ccr_tui.first_byte_ms');
  expect(failed).toMatchObject({ name: 'POST /v1/messages', status: { code: 2 } });
  expect(JSON.stringify(bodies)).not.toContain('session-marker');
});

test('what a request cost is the price that the settings have of its model, as everywhere', async () => {
  const { bodies, url } = await startTraceCollector(withStatus(200));
  const { store, traces } = start(url, [{ model: 'my-model', input: 1_000_000, output: 0 }]);
  const tokens = { ...noTokens, input: 3, output: 5 };
  store.apply([finished(1, { model: 'my-model', upstreamModel: 'my-model', tokens })]);
  await traces.close();
  const attributes = bodies.flatMap(spansIn).flatMap((span) => span.attributes);
  expect(attributes).toContainEqual({ key: 'ccr_tui.cost_usd', value: { intValue: 3 } });
});

test('money and what a plan gave are told apart', async () => {
  const { bodies, url } = await startTraceCollector(withStatus(200));
  const { store, traces } = start(url, [{ model: 'claude-opus-5-5', input: 100, output: 0 }]);
  const tokens = { ...noTokens, input: 10_000, output: 0 };
  store.apply([finished(1, { tokens }), finished(2, { tokens, costKind: 'list value' })]);
  await traces.close();
  const costs = bodies
    .flatMap(spansIn)
    .map(({ attributes }) =>
      attributes.filter(({ key }) => key.endsWith('_usd')).map(({ key, value }) => [key, value]),
    );
  expect(costs).toEqual([
    [['ccr_tui.cost_usd', { intValue: 1 }]],
    [['ccr_tui.list_value_usd', { intValue: 1 }]],
  ]);
});

test('a collector that refuses is said once, and nothing else happens', async () => {
  const { url } = await startTraceCollector(withStatus(400));
  const { store, traces } = start(url);
  store.apply([finished(1)]);
  await traces.close();
  const said = store.state().log.map(({ text }) => text);
  expect(said).toEqual([expect.stringMatching(/^traces cannot be sent: /)]);
});

test('without a collector nothing is loaded and nobody listens', async () => {
  const { store, traces } = start('');
  store.apply([finished(1)]);
  await expect(traces.close()).resolves.toBeUndefined();
  expect(store.state().log).toEqual([]);
});
