import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { certificate } from '../kit/tls-files.ts';
import {
  connectionName,
  createConnectionCap,
  type ConnectionCapOptions,
} from '../../source/proxy/connection-cap.ts';
import { endAll, ending } from './start-proxy.ts';

afterEach(endAll);

/** A port with this cap; 127.0.0.2 and 127.0.0.3 are two other machines. */
const capped = async (options: Partial<ConnectionCapOptions>) => {
  const busy = new Set<string>();
  const cap = createConnectionCap({
    most: 6,
    mostOfOne: 4,
    standsForMany: (address) => address === '127.0.0.9',
    busy: () => busy,
    ...options,
  });
  const server = createServer((socket) => {
    socket.on('error', () => {});
    if (cap.admit(socket)) socket.write('in');
    else socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ending({ close: () => new Promise((resolve) => server.close(resolve)) });
  const { port } = server.address() as AddressInfo;
  /** A connection that has been let in or refused. */
  const open = async (localAddress: string) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', localAddress });
    ending({ close: async () => void socket.destroy() });
    socket.on('error', () => {});
    const over = once(socket, 'close');
    let isOver = false;
    socket.once('close', () => (isOver = true));
    const admitted = await Promise.race([once(socket, 'data').then(() => true), over.then(() => false)]);
    const carries = (): unknown => busy.add(`${localAddress} ${socket.localPort}`);
    return { socket, admitted, over, isOver: () => isOver, carries };
  };
  const fill = async (address: string, count: number) => {
    const all = [];
    for (let n = 0; n < count; n += 1) all.push(await open(address));
    return all;
  };
  return { open, fill };
};

describe('a port that is full', () => {
  test('lets a new connection in for the oldest one that carries no request', async () => {
    const { open, fill } = await capped({ mostOfOne: 100 });
    const all = await fill('127.0.0.2', 6);
    all[0]?.carries();
    expect((await open('127.0.0.2')).admitted).toBe(true);
    await all[1]?.over;
    expect(all.map(({ isOver }) => isOver())).toEqual([false, true, false, false, false, false]);
  });

  test('refuses a new connection when all carry requests, and takes one again when one has gone', async () => {
    const { open, fill } = await capped({ mostOfOne: 100 });
    const all = await fill('127.0.0.2', 6);
    for (const { carries } of all) carries();
    expect((await open('127.0.0.3')).admitted).toBe(false);
    all[3]?.socket.destroy();
    await all[3]?.over;
    await expect.poll(async () => (await open('127.0.0.3')).admitted).toBe(true);
    expect(all.filter(({ isOver }) => isOver())).toHaveLength(1);
  });

  test('takes from the address that has most', async () => {
    const { open, fill } = await capped({ mostOfOne: 5 });
    const [quiet] = await fill('127.0.0.3', 1);
    const [first] = await fill('127.0.0.2', 5);
    expect((await open('127.0.0.4')).admitted).toBe(true);
    await first?.over;
    expect(quiet?.isOver()).toBe(false);
  });
});

describe('one address', () => {
  test('has no more than its part, and the rest stays for others', async () => {
    const { open, fill } = await capped({});
    const all = await fill('127.0.0.2', 4);
    for (const { carries } of all) carries();
    expect((await open('127.0.0.2')).admitted).toBe(false);
    expect((await open('127.0.0.3')).admitted).toBe(true);
    expect(all.some(({ isOver }) => isOver())).toBe(false);
  });

  test('makes room among its own', async () => {
    const { open, fill } = await capped({});
    const [other] = await fill('127.0.0.3', 1);
    const [first] = await fill('127.0.0.2', 4);
    expect((await open('127.0.0.2')).admitted).toBe(true);
    await first?.over;
    expect(other?.isOver()).toBe(false);
  });

  test('that stands for many may fill the port', async () => {
    const { fill } = await capped({});
    const all = await fill('127.0.0.9', 6);
    expect(all.every(({ admitted }) => admitted)).toBe(true);
  });
});

test('a connection has the same name in TCP and in TLS over it, at once and later', async () => {
  const server = createTlsServer(await certificate());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ending({ close: () => new Promise((resolve) => server.close(resolve)) });
  const below = once(server, 'connection') as Promise<[Socket]>;
  const above = once(server, 'secureConnection') as Promise<[Socket]>;
  const { port } = server.address() as AddressInfo;
  const client = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  const [[plain], [secure]] = await Promise.all([below, above]);
  const name = `127.0.0.1 ${client.localPort}`;
  expect([connectionName(plain), connectionName(secure)]).toEqual([name, name]);
  client.destroy();
});
