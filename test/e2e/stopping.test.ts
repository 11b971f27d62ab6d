import { describe, expect, it } from 'vitest';
import { inRun } from '../kit/long-run.ts';
import { connectRaw, requestBytes } from '../kit/raw-client.ts';
import { ask, sdkFor, unlimited, until, useWorld } from './world.ts';
import { runningTime } from '../kit/running-time.ts';

const world = useWorld();

/** The rows that are on disk, once there are so many. */
const rows = (count: number) =>
  until(
    () => world.json(['history']),
    (found) => found.length >= count,
  );

/** Long enough for a machine with other things to do to let ten streams finish meanwhile. */
const drainMs = 3000;

describe('stopping', () => {
  const held = async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const served = await world.serve();
    const release = upstream.fail({ fault: 'stall-mid-body' });
    const stream = sdkFor(served.url).messages.stream(ask('long'));
    const ended = stream.finalMessage().then(
      (message) => message,
      (error: unknown) => error,
    );
    await new Promise<void>((resolve) => void stream.once('streamEvent', () => resolve()));
    return { upstream, release, ended, ...served };
  };
  const closedPort = (port: number) =>
    until(
      () =>
        connectRaw(port).then(
          ({ socket }) => void socket.destroy(),
          (error: NodeJS.ErrnoException) => error.code,
        ),
      (code) => code === 'ECONNREFUSED',
    );

  it.each(inRun(['SIGTERM', 'SIGHUP'] as const, ['SIGTERM', 'SIGINT', 'SIGHUP'] as const))(
    'on %s the port is closed at once, the stream finishes, exit 0',
    async (signal) => {
      const { program, port, release, ended } = await held();
      program.signal(signal);
      // While the stream goes on, which ends no sooner than it is let.
      await closedPort(port);
      release();
      expect(await ended).toMatchObject({ type: 'message', stop_reason: expect.stringMatching(/./) });
      const released = runningTime();
      expect(await program.exit).toMatchObject({ code: 0, signal: null, stderr: '' });
      // The client's connection is kept alive: it must not hold the end up.
      expect(released()).toBeLessThan(1500);
      expect(await rows(1)).toMatchObject([{ outcome: 'ok' }]);
    },
  );

  it.each(inRun(['SIGTERM'] as const, ['SIGTERM', 'SIGINT'] as const))(
    'on %s with 20 streams each is accounted for: what ends in time is whole, the rest is cut, exit within a second more',
    async (signal) => {
      await world.given(['config', 'set', 'drainMs', String(drainMs)]);
      const upstream = await world.provider({ work: unlimited });
      await world.add('work', upstream);
      const { program, port, url } = await world.serve();
      const releases = [0, 1].map(() => upstream.fail({ fault: 'stall-mid-body', times: 10 }));
      const streams = Array.from({ length: 20 }, (_, n) => sdkFor(url).messages.stream(ask(`stream ${n}`)));
      const ended = streams.map((stream) =>
        stream.finalMessage().then(
          () => 'whole',
          () => 'cut',
        ),
      );
      const begun = streams.map(
        (stream) => new Promise<void>((resolve) => void stream.once('streamEvent', () => resolve())),
      );
      await Promise.all(begun);
      const look = performance.now();
      (await connectRaw(port)).socket.destroy();
      const roundTrip = performance.now() - look;
      const asked = runningTime();
      program.signal(signal);
      await closedPort(port);
      // At once, as far as a machine that has other things to do looks at it at all.
      expect(asked()).toBeLessThan(100 + 20 * roundTrip);
      releases[0]?.();
      expect((await Promise.all(ended)).toSorted()).toEqual([
        ...Array.from({ length: 10 }, () => 'cut'),
        ...Array.from({ length: 10 }, () => 'whole'),
      ]);
      const code = signal === 'SIGTERM' ? 143 : 130;
      expect(await program.exit).toMatchObject({ code, signal: null });
      expect(asked()).toBeLessThan(drainMs + 1000);
      const outcomes = (await world.json<{ outcome: string }>(['history'])).map(({ outcome }) => outcome);
      expect(outcomes.toSorted()).toEqual([
        ...Array.from({ length: 10 }, () => 'ok'),
        ...Array.from({ length: 10 }, () => 'truncated'),
      ]);
    },
  );

  it('cuts at the drain limit: never a complete answer, exit 143', async () => {
    await world.given(['config', 'set', 'drainMs', '300']);
    const { program, ended } = await held();
    program.signal('SIGTERM');
    expect(await ended).toBeInstanceOf(Error);
    expect(await program.exit).toMatchObject({ code: 143, signal: null });
    expect(await rows(1)).toMatchObject([{ outcome: 'truncated', account: 'work' }]);
  });

  it('a second signal ends it at once', async () => {
    const { program, ended, port } = await held();
    program.signal('SIGTERM');
    await closedPort(port);
    const asked = runningTime();
    program.signal('SIGTERM');
    expect(await program.exit).toMatchObject({ code: 143 });
    expect(asked()).toBeLessThan(1500);
    expect(await ended).toBeInstanceOf(Error);
    // What was cut is written down as cut.
    expect(await rows(1)).toMatchObject([{ outcome: 'truncated', account: 'work' }]);
  });

  it('stop waits for the stream and then both end with 0', async () => {
    const { program, release, ended } = await held();
    const stopping = world.start(['stop']);
    await stopping.waitForLine('waiting for 1 request', { from: 'stderr' });
    release();
    expect(await ended).toMatchObject({ type: 'message' });
    expect(await stopping.exit).toMatchObject({ code: 0 });
    expect(await program.exit).toMatchObject({ code: 0 });
  });

  it('is not held up by idle connections that clients keep open', async () => {
    const { program, port } = await world.serve();
    const idle = await connectRaw(port);
    await idle.send(requestBytes('GET', '/healthz', { host: `127.0.0.1:${port}` }));
    await idle.message();
    const silent = await connectRaw(port);
    const halfHead = await connectRaw(port);
    await halfHead.send('POST /v1/messages HTTP/1.1\r\nhost: 127');
    const asked = runningTime();
    program.signal('SIGTERM');
    expect(await program.exit).toMatchObject({ code: 0 });
    expect(asked()).toBeLessThan(1500);
    idle.socket.destroy();
    silent.socket.destroy();
    halfHead.socket.destroy();
  });
});
