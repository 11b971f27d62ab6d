import { afterEach, expect, test } from 'vitest';
import { loadSettings } from '../source/config/settings.ts';
import { createPostWebhook } from '../source/credentials/post-webhook.ts';
import { keepWebhook, type KeepWebhookOptions, type KeptWebhook } from '../source/keep-webhook.ts';
import type { ProxyEvent } from '../source/shared/events.ts';
import { notices, type NoticeName } from '../source/shared/notice.ts';
import { asEpoch } from '../source/shared/types.ts';
import { startWebhookReceiver, type WebhookReceiver } from './kit/webhook-receiver.ts';

const ending: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of ending.splice(0).toReversed()) await each.close();
});

const at = asEpoch(Date.parse('2026-11-22T12:00:00Z'));
const budget = (name = 'all 9usd/day', share = 1): ProxyEvent => ({
  type: 'budgetReached',
  at,
  budget: name,
  share,
  hard: true,
  resetsAt: asEpoch(at + 3_600_000),
});

type Started = { kept: KeptWebhook; receiver: WebhookReceiver; logged: string[]; loads: () => number };

const start = async (
  more: Partial<KeepWebhookOptions> = {},
  webhook: { url?: string; events?: readonly NoticeName[] } = {},
): Promise<Started> => {
  const receiver = await startWebhookReceiver();
  const { config } = loadSettings({ paths: { config: '/nonexistent/config.json' }, env: {} });
  const logged: string[] = [];
  let loads = 0;
  const kept = keepWebhook({
    settings: { config: { ...config, webhook: { url: receiver.url, events: notices, ...webhook } } },
    async loadPost() {
      loads += 1;
      return createPostWebhook({ timeoutMs: 2000, env: {} });
    },
    log: (_, text) => void logged.push(text),
    retryMs: 1,
    ...more,
  });
  ending.push(receiver, kept);
  return { kept, receiver, logged, loads: () => loads };
};

test('an event goes out once, in JSON that names what it is about', async () => {
  const { kept, receiver, logged } = await start();
  kept.apply([budget()]);
  await receiver.called(1);
  expect(JSON.parse(receiver.calls[0]?.body ?? '')).toEqual({
    event: 'budget',
    at: '2026-11-22T12:00:00.000Z',
    account: null,
    window: null,
    resetsAt: '2026-11-22T13:00:00.000Z',
    budget: 'all 9usd/day',
    text: 'the budget all 9usd/day is spent; what it is about is refused until 2026-11-22T13:00:00.000Z',
  });
  expect(logged).toEqual([]);
});

test('what is not taken is tried again, in its turn', async () => {
  const { kept, receiver, logged } = await start();
  receiver.answer(500, 503, 429);
  kept.apply([budget('all 1usd/day'), budget('all 2usd/day')]);
  await receiver.called(5);
  expect(receiver.calls.map(({ body }) => (JSON.parse(body) as { budget: string }).budget)).toEqual([
    ...Array.from({ length: 4 }, () => 'all 1usd/day'),
    'all 2usd/day',
  ]);
  expect(logged).toEqual([]);
});

test('what is refused for good, and what fails six times, is said in the log without the URL', async () => {
  const { kept, receiver, logged } = await start();
  receiver.answer(404, 500, 500, 500, 500, 500, 500);
  kept.apply([budget('all 1usd/day'), budget('all 2usd/day'), budget('all 3usd/day')]);
  await receiver.called(8);
  expect(logged).toEqual([
    expect.stringMatching(/all 1usd\/day.*: it answers 404$/),
    expect.stringMatching(/all 2usd\/day.*: it answers 500$/),
  ]);
  expect(logged.join()).not.toContain('very-secret');
});

test('a webhook that hangs holds up nobody, and what waits for it is bounded', async () => {
  const release = Promise.withResolvers<null>();
  const posted: unknown[] = [];
  const { kept, logged } = await start({
    loadPost: async () => async (_, body) => {
      posted.push(body);
      return release.promise;
    },
  });
  kept.apply(Array.from({ length: 500 }, (_, n) => budget(`all ${n + 1}usd/day`)));
  release.resolve(null);
  await expect.poll(() => posted.length).toBeGreaterThanOrEqual(100);
  await expect
    .poll(() => logged.join())
    .toMatch(/^\d+ events were not told to the webhook: too many waited$/);
  expect(posted.length).toBeLessThanOrEqual(101);
  // The newest ones are kept.
  expect(posted.at(-1)).toMatchObject({ budget: 'all 500usd/day' });
});

test('nothing is loaded without a URL, nor for events that nobody wants', async () => {
  const silent = await start({}, { url: '' });
  silent.kept.apply([budget()]);
  const choosy = await start({}, { events: ['needs_login'] });
  choosy.kept.apply([budget()]);
  expect([silent.loads(), choosy.loads()]).toEqual([0, 0]);
});

test('an end does not wait for tries that are left', async () => {
  const { kept, receiver, logged } = await start({ retryMs: 60_000 });
  receiver.answer(500);
  kept.apply([budget()]);
  await receiver.called(1);
  await kept.close();
  expect(logged).toEqual([]);
});
