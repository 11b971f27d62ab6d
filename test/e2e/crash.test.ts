import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask, sdkFor, unlimited, until, useWorld } from './world.ts';

const world = useWorld();
const file = (name: string): string => join(world.home, name);
const history = () => world.json(['history']);

describe('kill -9', () => {
  it('leaves nothing in the way: the next start takes lock and socket over', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const first = await world.serve();
    const lock = JSON.parse(readFileSync(file('instance.lock'), 'utf8')) as { socket: string };
    first.program.signal('SIGKILL');
    await first.program.exit;
    expect(existsSync(file('instance.lock'))).toBe(true);
    expect(existsSync(lock.socket)).toBe(true);
    expect(await world.run(['status'])).toMatchObject({
      code: 4,
      stderr: 'ccr-tui: not running; start it with ccr-tui or ccr-tui serve\n',
    });

    const second = await world.serve(['--port', String(first.port)]);
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
    await new Promise((resolve) => setTimeout(resolve, 1000));
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

// Runs inside the program's threads, as any `--import` of a user would. In the thread of the proxy it waits for a file
// and then does to the thread what a bug in it would.
const poison = (trigger: string, act: string): string =>
  `data:text/javascript,${encodeURIComponent(`
    import { existsSync, rmSync } from 'node:fs';
    import { isMainThread, workerData } from 'node:worker_threads';
    if (!isMainThread && workerData?.accounts !== undefined) {
      setInterval(() => {
        if (!existsSync(${JSON.stringify(trigger)})) return;
        rmSync(${JSON.stringify(trigger)});
        ${act}
      }, 10).unref();
    }
  `)}`;

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
    upstream.fail({ fault: 'stall-mid-body', times: 1 });
    const stream = sdkFor(url).messages.stream(ask('under way'));
    const cut = stream.finalMessage().catch((error: unknown) => error);
    await new Promise<void>((resolve) => void stream.once('streamEvent', () => resolve()));

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
    const [status] = await until(
      () => world.json<{ inFlight: number }>(['status']),
      ([seen]) => seen?.inFlight === 0,
    );
    expect(status).toMatchObject({ running: true, url, ready: 1, history: { ok: true } });
    program.signal('SIGTERM');
    expect(await program.exit).toMatchObject({ code: 0 });
  });
});
