import { expect, it } from 'vitest';
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

/** Long enough before midnight UTC, when every budget begins anew, for the test to end on the day on which it began. */
const awayFromMidnight = async (): Promise<void> => {
  const left = 86_400_000 - (Date.now() % 86_400_000);
  if (left < 30_000) await new Promise((resolve) => setTimeout(resolve, left + 10));
};

it('a budget that was spent today stays spent after a restart, a kill included, and another key has its own', async () => {
  await awayFromMidnight();
  const upstream = await world.provider({ work: unlimited });
  await world.add('work', upstream);
  const create = async (name: string, budget: string): Promise<string> =>
    (await world.run(['key', 'create', name, '--daily-tokens', budget])).stdout.trim();
  const small = await create('small', '1');
  const large = await create('large', '1000000');

  const first = await world.serve();
  await sdkFor(first.url, { authToken: small }).messages.create(ask('one'));
  const spent = { status: 402, error: 'budget_spent' };
  // The request that goes beyond the budget counts when it has ended, which the thread that serves learns a moment later.
  const refused = await until(
    () => answerTo(first.url, small),
    ({ status }) => status === 402,
  );
  expect(refused).toMatchObject(spent);
  const untilMidnight = (86_400_000 - (Date.now() % 86_400_000)) / 1000;
  expect(Math.abs(refused.retryAfter - untilMidnight)).toBeLessThan(5);
  expect((await answerTo(first.url, large)).status).toBe(200);
  // The rows that the count begins with after a start are in the file.
  const rows = await until(
    () => world.json<Row>(['history']),
    (all) => all.some(({ client, status }) => client === 'large' && status === 200),
  );
  expect(rows.filter(({ status }) => status === 402).every(({ client }) => client === 'small')).toBe(true);
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
