import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectControl } from '../../source/control/client.ts';
import { readInstance } from '../../source/control/instance-lock.ts';
import { quietPort } from '../kit/quiet-port.ts';
import { holdStream, instanceOf, shows } from './at-screen.ts';
import { ask, sdkFor, unlimited, until, useWorld } from './world.ts';

const world = useWorld();
const file = (name: string): string => join(world.home, name);
const history = () => world.json(['history']);

/**
 * A second in which the program had time to do something: in each tenth of it the thread that writes the history has answered,
 * by way of the main one. While the machine gives them none, nothing can be written.
 */
const secondOfWriting = async (request: string): Promise<void> => {
  const client = await connectControl(readInstance(file('instance.lock'))!, { timeoutMs: 15_000 });
  for (let tenth = 0; tenth < 10; tenth += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await client.run('request.heads', { request });
  }
  client.close();
};

describe('kill -9', () => {
  it('leaves nothing in the way: the next start takes lock and socket over', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const port = ['--port', String(await quietPort())];
    const first = await world.serve(port);
    const lock = JSON.parse(readFileSync(file('instance.lock'), 'utf8')) as { socket: string };
    first.program.signal('SIGKILL');
    await first.program.exit;
    expect(existsSync(file('instance.lock'))).toBe(true);
    expect(existsSync(lock.socket)).toBe(true);
    expect(await world.run(['status'])).toMatchObject({
      code: 4,
      stderr: 'ccr-tui: not running; start it with ccr-tui or ccr-tui serve\n',
    });

    const second = await world.serve(port);
    expect(second.url).toBe(first.url);
    expect(await world.json(['status'])).toMatchObject([{ running: true, pid: second.pid, ready: 1 }]);
    const { response } = await sdkFor(second.url).messages.create(ask('hello')).withResponse();
    expect(response.status).toBe(200);
  });

  it('loses at most the last second of the history, and keeps it readable', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const { url, program } = await world.serve();
    const asked = async (): Promise<string> => {
      const { response } = await sdkFor(url).messages.create(ask('count')).withResponse();
      return response.headers.get('x-ccr-request-id') ?? '';
    };
    const old = [await asked(), await asked(), await asked()];
    // All that is older than a second must survive, whatever happens after.
    await secondOfWriting(old[0] ?? '');
    const fresh = [await asked(), await asked()];
    program.signal('SIGKILL');
    await program.exit;
    const found = (await history()).map((row) => row['id']);
    expect(found.slice(0, 3)).toEqual(old);
    expect(fresh.slice(0, found.length - 3)).toEqual(found.slice(3));

    const again = await world.serve();
    await sdkFor(again.url).messages.create(ask('after'));
    await until(history, (rows) => rows.length === found.length + 1);
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'and an end in order (%s) leave what is known of limits: the next start asks no account that is spent',
    async (signal) => {
      const upstream = await world.provider({
        spent: { kind: 'unified', used: { '5h': 1 } },
        fine: { kind: 'unified' },
      });
      await world.add('spent', upstream, '--priority', '1');
      await world.add('fine', upstream);
      const first = await world.serve();
      await sdkFor(first.url).messages.create(ask('hello'));
      // What was learned in its last seconds may be lost by a death.
      if (signal === 'SIGKILL') await until(() => existsSync(file('limits.json')), Boolean);
      first.program.signal(signal);
      await first.program.exit;
      expect(statSync(file('limits.json')).mode & 0o777).toBe(0o600);
      const refused = upstream.truth()['spent']?.refused;
      expect(refused).toBe(1);

      const second = await world.serve();
      const [status] = await world.json<{ accounts: { name: string; state: string; reason: string }[] }>([
        'status',
      ]);
      expect(status?.accounts.find(({ name }) => name === 'spent')).toMatchObject({
        state: 'limited',
        reason: 'reached its 5h limit',
      });
      await sdkFor(second.url).messages.create(ask('again'));
      expect(upstream.truth()['spent']?.refused).toBe(refused);
    },
  );

  it('in the middle of settings and accounts being written leaves both whole', async () => {
    const upstream = await world.provider({ a: unlimited, b: unlimited, c: unlimited });
    await world.add('a', upstream);
    const killed: Promise<unknown>[] = [];
    // Commands die at every stage of their work, with and without an instance to write for them.
    for (const [index, name] of ['b', 'c', 'd', 'e', 'f', 'g'].entries()) {
      const adding = world.start(['account', 'add', name, '--base-url', upstream.url]);
      const setting = world.start(['config', 'set', 'drainMs', String(20_000 + index)]);
      killed.push(adding.exit, setting.exit);
      adding.write(`sk-ant-api03-${name}-0123456789abcdefghij\n`);
      await new Promise((resolve) => setTimeout(resolve, 90 + 35 * index));
      adding.signal('SIGKILL');
      setting.signal('SIGKILL');
    }
    await Promise.all(killed);
    expect(await world.run(['config', 'check'])).toMatchObject({ code: 0 });
    const [accounts] = await world.json<{ name: string }[]>(['account', 'list']);
    expect(accounts!.map(({ name }) => name)).toContain('a');
    // A record whose secret was not stored would show as an account in state error.
    const { url } = await world.serve();
    const [status] = await until(
      () => world.json<{ ready: number; accounts: { state: string; reason: string | null }[] }>(['status']),
      ([seen]) => seen!.accounts.every(({ state }) => state === 'ready'),
    );
    expect(status!.ready).toBe(accounts!.length);
    const { response } = await sdkFor(url).messages.create(ask('still')).withResponse();
    expect(response.status).toBe(200);
  });
});

// Runs inside the program's threads, as any `--import` of a user would; `act` in the thread of the proxy alone.
const inProxyThread = (act: string): string =>
  `data:text/javascript,${encodeURIComponent(`
    import { existsSync, rmSync } from 'node:fs';
    import { isMainThread, workerData } from 'node:worker_threads';
    if (!isMainThread && workerData?.accounts !== undefined) { ${act} }
  `)}`;

// It waits for a file and then does to the thread what a bug in it would.
const poison = (trigger: string, act: string): string =>
  inProxyThread(`setInterval(() => {
    if (!existsSync(${JSON.stringify(trigger)})) return;
    rmSync(${JSON.stringify(trigger)});
    ${act}
  }, 10).unref();`);

// No thread lives as long as the file is there.
const lethal = (trigger: string): string =>
  inProxyThread(`const look = () => { if (existsSync(${JSON.stringify(trigger)})) process.exit(3); };
    look();
    setInterval(look, 10).unref();`);

describe('the death of the proxy’s thread', () => {
  it.each([
    ['an error that nobody caught', `setImmediate(() => { throw new Error('poisoned'); });`],
    ['its memory being full', 'const all = []; for (;;) all.push(new Array(1e6).fill({}));'],
    ['an exit', 'process.exit(3);'],
  ])('%s: it is started again on the same port, with the same accounts', async (_, act) => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const trigger = file('trigger');
    const { url, program, pid } = await world.serve([], {
      NODE_OPTIONS: `--import=${poison(trigger, act)} --max-old-space-size=64`,
    });
    await sdkFor(url).messages.create(ask('before'));
    // Told to its end, so that what is in flight afterwards is the stream.
    await until(
      () => world.json(['history']),
      ({ length }) => length === 1,
    );
    upstream.fail({ fault: 'stall-mid-body', times: 1 });
    const stream = sdkFor(url).messages.stream(ask('under way'));
    const cut = stream.finalMessage().catch((error: unknown) => error);
    await new Promise<void>((resolve) => void stream.once('streamEvent', () => resolve()));
    const inFlight = (count: number) =>
      until(
        () => world.json<{ inFlight: number }>(['status']),
        ([seen]) => seen?.inFlight === count,
      );
    await inFlight(1);

    writeFileSync(trigger, '');
    // A cut stream never looks complete, and the provider is told at once.
    expect(await cut).toBeInstanceOf(Error);
    expect(await upstream.awaitClose(({ fault }) => fault !== null)).toMatchObject({ end: 'client-left' });
    const response = await until(
      () =>
        sdkFor(url)
          .messages.create(ask('after'))
          .withResponse()
          .then(
            ({ response }) => response,
            () => null,
          ),
      (answer) => answer !== null,
      15_000,
    );
    expect(response?.headers.get('x-ccr-account')).toBe('work');
    expect(program.pid).toBe(pid);
    const [status] = await inFlight(0);
    expect(status).toMatchObject({ running: true, url, ready: 1, history: { ok: true } });
    program.signal('SIGTERM');
    expect(await program.exit).toMatchObject({ code: 0 });
    // What died with the thread is in the history, too, as far as it had come.
    const rows = await world.json<{ stream: boolean; outcome: string }>(['history']);
    expect(rows.filter(({ outcome }) => outcome === 'ok')).toHaveLength(2);
    expect(rows.filter((row) => row.stream)).toMatchObject([
      {
        outcome: 'truncated',
        account: 'work',
        attempts: [{ account: 'work', verdict: 'forwarded' }],
        error: 'cut when the proxy thread died',
      },
    ]);
  });

  it('stands on the screen until it serves again, and what was seen before stays there', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const trigger = file('trigger');
    const pty = world.open(['--port', '0'], { env: { NODE_OPTIONS: `--import=${lethal(trigger)}` } });
    await pty.waitFor(shows('quit'));
    const { url } = await instanceOf(world);
    await sdkFor(url).messages.create(ask('before'));
    const { ended } = await holdStream(url, upstream);
    await pty.waitFor((lines) => shows('200 ok')(lines) && shows('200 stream')(lines));
    writeFileSync(trigger, '');
    const lines = await pty.waitFor(shows("the proxy's thread died and cut its requests"));
    expect(await ended).toBeInstanceOf(Error);
    expect(shows('200 ok')(lines)).toBe(true);
    expect(shows('200 cut')(lines)).toBe(true);
    rmSync(trigger);
    await pty.waitFor((now) => !shows("the proxy's thread died and")(now) && shows(/work +ready/)(now));
    await sdkFor(url).messages.create(ask('after'));
    await pty.waitFor((now) => now.filter((line) => line.includes('200 ok')).length === 2);
    await pty.waitFor(shows(/ 0 (?:in flight|open) /));
    pty.send('q');
    expect(await pty.exit).toEqual({ code: 0, signal: 0 });
  });

  it('leaves what is known of limits: the next thread asks no account that is spent', async () => {
    const upstream = await world.provider({
      spent: { kind: 'unified', used: { '5h': 1 } },
      fine: { kind: 'unified' },
    });
    await world.add('spent', upstream, '--priority', '1');
    await world.add('fine', upstream);
    const trigger = file('trigger');
    const { url } = await world.serve([], {
      NODE_OPTIONS: `--import=${poison(trigger, 'process.exit(3);')}`,
    });
    const asks = () =>
      sdkFor(url)
        .messages.create(ask('hello'))
        .withResponse()
        .then(
          ({ response }) => response.headers.get('x-ccr-account'),
          () => null,
        );
    expect(await asks()).toBe('fine');
    expect(upstream.truth()['spent']?.refused).toBe(1);
    // What was learned in its last seconds may be lost by a death.
    await until(() => existsSync(file('limits.json')), Boolean);
    writeFileSync(trigger, '');
    await until(
      () => existsSync(trigger),
      (there) => !there,
    );
    expect(await until(asks, (account) => account !== null, 15_000)).toBe('fine');
    expect(upstream.truth()['spent']?.refused).toBe(1);
    const [status] = await world.json<{ accounts: { name: string; state: string }[] }>(['status']);
    expect(status?.accounts.find(({ name }) => name === 'spent')).toMatchObject({ state: 'limited' });
  });
});
