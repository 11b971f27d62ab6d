import { expect, it } from 'vitest';
import type { Limits } from '../../source/demo/limits.ts';
import { shows } from './at-screen.ts';
import { ask, sdkFor, until, useWorld } from './world.ts';

const world = useWorld();
const spent: Limits = { kind: 'unified', used: { '5h': 1 } };

type Refusal = { status: number; shouldRetry: string | null };

/** Asks, and gives what it was refused with. */
const refusal = (url: string): Promise<Refusal> =>
  sdkFor(url)
    .messages.create(ask('hello'))
    .then(
      () => {
        throw new Error('it was served');
      },
      (error: { status: number; headers: Headers }) => ({
        status: error.status,
        shouldRetry: error.headers.get('x-should-retry'),
      }),
    );

it('a request that is held counts down on the screen, which ends its wait with r, and gives it up with X', async () => {
  const upstream = await world.provider({ work: spent });
  await world.add('work', upstream);
  await world.given(['config', 'set', 'holdMs', '120000']);
  const pty = world.open(['--port', '0'], { columns: 110, rows: 24 });
  const [status] = await until(
    () => world.json<{ url: string | null }>(['status']),
    ([seen]) => (seen?.url ?? null) !== null,
  );
  await pty.waitFor(shows('quit'));
  pty.send('2');
  const asked = refusal(status?.url ?? '');
  await pty.waitFor(shows(/ held (?:2:00|1:5\d)/));
  await pty.waitFor(shows(/ held 1:5[0-8]/));
  const hits = upstream.requests.length;
  pty.send('r');
  expect((await asked).status).toBe(429);
  await pty.waitFor((lines) => !shows(/ held \d/)(lines));

  const other = refusal(status?.url ?? '');
  await pty.waitFor(shows(/ held (?:2:00|1:5\d)/));
  pty.send('X');
  expect(await other).toEqual({ status: 429, shouldRetry: 'false' });
  expect(upstream.requests).toHaveLength(hits);
  pty.send('q');
  expect((await pty.exit).code).toBe(0);
});

it('account reset forgets a limit: the account is asked once more', async () => {
  const upstream = await world.provider({ work: spent });
  await world.add('work', upstream);
  const { url } = await world.serve();
  for (let n = 0; n < 2; n += 1) expect((await refusal(url)).status).toBe(429);
  expect(upstream.requests).toHaveLength(1);
  expect((await world.run(['account', 'reset', 'work'])).stdout).toBe('reset work; it is ready\n');
  expect((await refusal(url)).status).toBe(429);
  expect(upstream.requests).toHaveLength(2);
});
