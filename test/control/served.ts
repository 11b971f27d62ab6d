import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Instance } from '../../source/control/instance-lock.ts';
import { startControlServer } from '../../source/control/server.ts';
import type { NumberedEvent, ProxyEvent } from '../../source/shared/events.ts';
import { Ring } from '../../source/shared/ring.ts';
import { Secret } from '../../source/shared/secret.ts';
import type { Execute } from '../../source/shared/session.ts';
import { asEpoch } from '../../source/shared/types.ts';

export const token = 'ab'.repeat(32);
export const event = (count: number): ProxyEvent => ({ type: 'dropped', at: asEpoch(1), count });

/** A feed as the store makes one: the newest `capacity` events, and whoever listens. */
export const createFeed = (capacity = 4096) => {
  const ring = new Ring<ProxyEvent>(capacity);
  const listeners = new Set<(events: readonly NumberedEvent[]) => void>();
  return {
    lastSeq: () => ring.last,
    eventsAfter: (seq: number) =>
      seq + 1 < ring.first
        ? null
        : ring.after(seq).map((kept, index) => ({ seq: Math.max(seq + 1, ring.first) + index, event: kept })),
    onEvents(listener: (events: readonly NumberedEvent[]) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    emit(...events: ProxyEvent[]) {
      const numbered = events.map((one) => ({ seq: ring.push(one), event: one }));
      for (const listener of listeners) listener(numbered);
    },
    listeners,
  };
};

/** A real server on a real socket in a folder of its own; both go with the test. */
export const serve = async (
  options: { execute?: Execute; snapshot?: () => unknown; helloMs?: number; capacity?: number } = {},
) => {
  const folder = mkdtempSync(join(tmpdir(), 'ccr-control-'));
  const socketPath = join(folder, 'control.sock');
  const feed = createFeed(options.capacity);
  const url = 'http://127.0.0.1:4180';
  const server = await startControlServer({
    socketPath,
    token: new Secret(token),
    execute: options.execute ?? (async (command) => ({ did: command.name })),
    feed,
    snapshot: options.snapshot ?? (() => ({ last: feed.lastSeq() })),
    welcome: () => ({ version: '1.0.0', pid: process.pid, url }),
    ...(options.helloMs !== undefined && { helloMs: options.helloMs }),
  });
  onTestFinished(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const instance: Instance = {
    pid: process.pid,
    token: new Secret(token),
    socket: socketPath,
    url,
    version: '1.0.0',
  };
  return { server, feed, socketPath, instance };
};

export type RawClient = {
  socket: Socket;
  send(...messages: unknown[]): void;
  /** The next line; rejects when the connection ends before it. */
  next(): Promise<Record<string, unknown>>;
  /** Resolves with all bytes ever received, when the connection is over. */
  ended: Promise<string>;
};

/** A client that knows no rules. */
export const rawClient = (path: string): RawClient => {
  const socket = connect(path);
  const received: string[] = [];
  let unread = '';
  let wake = (): void => undefined;
  let over = false;
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    received.push(text);
    unread += text;
    wake();
  });
  socket.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => {
    socket.on('close', () => {
      over = true;
      wake();
      resolve(received.join(''));
    });
  });
  return {
    socket,
    ended,
    send(...messages) {
      socket.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
    },
    async next() {
      for (;;) {
        const end = unread.indexOf('\n');
        if (end !== -1) {
          const line = unread.slice(0, end);
          unread = unread.slice(end + 1);
          return JSON.parse(line) as Record<string, unknown>;
        }
        if (over) throw new Error('the connection ended');
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
};

/** A raw client that has been let in. */
export const greeted = async (path: string, hello: object = {}): Promise<RawClient> => {
  const client = rawClient(path);
  client.send({ hello: { token, protocol: 1, ...hello } });
  await client.next();
  return client;
};
