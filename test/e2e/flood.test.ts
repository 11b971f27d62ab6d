import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { residentMb } from '../benchmark/process-cpu.ts';
import { inRun } from '../kit/long-run.ts';
import { connectRaw, requestBytes } from '../kit/raw-client.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { instanceOf, onThisMachine, shows } from './at-screen.ts';
import { ask, sdkFor, unlimited, until, useWorld } from './world.ts';
import { isLinux } from '../kit/needs.ts';

const world = useWorld();
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A connection that says nothing and stays, as long as it may. */
const hold = async (port: number): Promise<void> => {
  const socket = connect({ port, host: '127.0.0.1' }).resume();
  sockets.push(socket.on('error', () => {}));
  await once(socket, 'connect');
};

// They read /proc. Each run has smaller floods, in test/proxy.
const runs = inRun(() => false, isLinux)();

describe.runIf(runs)('2,000 connections', () => {
  it('leave 512, cost less than 60 MB, and the screen answers a key within 100 ms', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const pty = world.open(['--port', '0']);
    await pty.waitFor(shows('quit'));
    const { url, pid } = await instanceOf(world);
    for (let n = 0; n < 20; n += 1) await sdkFor(url).messages.create(ask('warm'));
    const before = residentMb(pid);
    const port = Number(new URL(url).port);
    // Not all at once: what the kernel drops before the program has seen it proves nothing.
    for (let n = 0; n < 10; n += 1) await Promise.all(Array.from({ length: 200 }, () => hold(port)));
    await until(
      () => sockets.filter(({ destroyed }) => !destroyed).length,
      (open) => open <= 512,
      10_000,
    );
    const times: number[] = [];
    for (let n = 0; n < 9; n += 1) {
      const asked = performance.now();
      pty.send('?');
      await pty.waitFor((lines) => shows(/Esc close/)(lines) === (n % 2 === 0));
      times.push(performance.now() - asked);
    }
    expect(times.toSorted((a, b) => a - b)[4]).toBeLessThan(onThisMachine(100));
    expect(sockets.filter(({ destroyed }) => !destroyed).length).toBeGreaterThan(500);
    expect(residentMb(pid) - before).toBeLessThan(60);
    expect(await sdkFor(url).messages.create(ask('still'))).toMatchObject({ type: 'message' });
  });
});

describe.runIf(runs)('a client that reads nothing of 400 MB', () => {
  it('costs less than 24 MB, and the provider is kept from sending more than 16 MB', async () => {
    const piece = Buffer.alloc(65_536, 0x61);
    let taken = 0;
    const stuck = Promise.withResolvers<void>();
    const upstream = await startRawUpstream(async (connection) => {
      await connection.message();
      await connection.send('HTTP/1.1 200 OK\r\nContent-Length: 419430400\r\n\r\n');
      for (;;) {
        const sent = connection.send(piece).then(() => true);
        const late = new Promise<boolean>((resolve) => void setTimeout(() => resolve(false), 1000));
        if (!(await Promise.race([sent, late]))) return stuck.resolve();
        taken += piece.length;
      }
    });
    try {
      await world.add('work', upstream);
      const { port, pid } = await world.serve();
      const before = residentMb(pid);
      const client = await connectRaw(port);
      client.pause();
      await client.send(requestBytes('POST', '/v1/messages', { host: `127.0.0.1:${port}` }, '{}'));
      await stuck.promise;
      expect(taken).toBeLessThanOrEqual(16 * 1_048_576);
      expect(residentMb(pid) - before).toBeLessThan(24);
      client.reset();
    } finally {
      await upstream.close();
    }
  });
});
