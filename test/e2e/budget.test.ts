import { beforeEach, expect, it } from 'vitest';
import { awayFromMidnight } from '../kit/away-from-midnight.ts';
import { readExposition, valueIn } from '../kit/read-exposition.ts';
import { startWebhookReceiver } from '../kit/webhook-receiver.ts';
import { ask, sdkFor, unlimited, until, useWorld } from './world.ts';

const world = useWorld();

type Row = { client: string; status: number; tokens: { input: number | null; output: number | null } };
type Answer = { status: number; error: string | null; retryAfter: number };

/** One request without a retry: what the client is told. */
const answerTo = async (url: string, key: string): Promise<Answer> => {
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': key },
    body: JSON.stringify(ask('more')),
  });
  await response.arrayBuffer();
  const { status, headers } = response;
  return { status, error: headers.get('x-ccr-error'), retryAfter: Number(headers.get('retry-after')) };
};

const secondsToMidnight = (): number => (86_400_000 - (Date.now() % 86_400_000)) / 1000;

beforeEach(awayFromMidnight, 45_000);

it('a budget that was spent today stays spent after a restart, a kill included, and another key has its own', async () => {
  const upstream = await world.provider({ work: unlimited });
  await world.add('work', upstream);
  const create = async (name: string, budget: string): Promise<string> =>
    (await world.run(['key', 'create', name, '--daily-tokens', budget])).stdout.trim();
  const small = await create('small', '1');
  const large = await create('large', '1000000');

  const first = await world.serve();
  await sdkFor(first.url, { authToken: small }).messages.create(ask('one'));
  const spent = { status: 429, error: 'budget_spent' };
  const untilMidnight = secondsToMidnight();
  // The request that goes beyond the budget counts when it has ended, which the thread that serves learns a moment later.
  const refused = await until(
    () => answerTo(first.url, small),
    ({ status }) => status === 429,
  );
  expect(refused).toMatchObject(spent);
  // It was told between the two looks at the clock, and is rounded up.
  expect(refused.retryAfter).toBeLessThanOrEqual(Math.ceil(untilMidnight));
  expect(refused.retryAfter).toBeGreaterThanOrEqual(secondsToMidnight());
  expect((await answerTo(first.url, large)).status).toBe(200);
  // The rows that the count begins with after a start are in the file.
  const rows = await until(
    () => world.json<Row>(['history']),
    (all) => all.some(({ client, status }) => client === 'large' && status === 200),
  );
  expect(rows.filter(({ status }) => status === 429).every(({ client }) => client === 'small')).toBe(true);
  const served = upstream.requests.length;

  // The very first request of each: one that were served would count by itself, and hide what was forgotten.
  await first.program.stop();
  const second = await world.serve();
  expect(await answerTo(second.url, small)).toMatchObject(spent);
  second.program.signal('SIGKILL');
  await second.program.exit;
  const third = await world.serve();
  expect(await answerTo(third.url, small)).toMatchObject(spent);
  expect((await answerTo(third.url, large)).status).toBe(200);
  expect(upstream.requests.length - served).toBe(1);
});

it('a budget of the settings is refused once it is spent, told to the webhook once, and stays spent after a kill', async () => {
  const webhook = await startWebhookReceiver();
  try {
    await world.add('work', await world.provider({ work: unlimited }));
    await world.given(['config', 'set', 'webhook.url', webhook.url]);
    await world.given(['config', 'set', 'budgets', 'all 1tokens/day,account:work 1000000tokens/week soft']);
    const first = await world.serve();
    expect((await answerTo(first.url, 'unused')).status).toBe(200);
    await webhook.called(1);
    const spent = { status: 429, error: 'budget_spent' };
    expect(await answerTo(first.url, 'unused')).toMatchObject(spent);
    const [status] = await world.json<{ budgets: { spent: number }[] }>(['status']);
    expect(status?.budgets).toMatchObject([
      { budget: 'all 1tokens/day', hard: true, limit: 1 },
      { budget: 'account:work 1000000tokens/week soft', hard: false },
    ]);
    expect(status?.budgets.every((budget) => budget.spent > 1)).toBe(true);
    const metrics = readExposition(await (await fetch(`${first.url}/metrics`)).text());
    expect(valueIn(metrics, 'ccr_tui_cost_usd_total', { account: 'work', billing: 'money' })).toBeGreaterThan(
      0,
    );
    // The row that the count begins with after a start is in the file.
    await until(
      () => world.json<Row>(['history']),
      (all) => all.some(({ status: code }) => code === 200),
    );
    first.program.signal('SIGKILL');
    await first.program.exit;

    const second = await world.serve();
    expect(await answerTo(second.url, 'unused')).toMatchObject(spent);
    await world.given(['config', 'unset', 'budgets']);
    await until(
      () => answerTo(second.url, 'unused'),
      ({ status: code }) => code === 200,
    );
    expect(webhook.calls.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { event: 'budget', budget: 'all 1tokens/day' },
    ]);
    expect(JSON.stringify(webhook.calls)).not.toContain('sk-ant');
  } finally {
    await webhook.close();
  }
});
