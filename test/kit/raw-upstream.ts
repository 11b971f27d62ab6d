import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { rawConnection, type RawConnection } from './raw-connection.ts';

export type RawUpstream = {
  url: string;
  port: number;
  /** Oldest first, ended ones too. */
  connections: readonly RawConnection[];
  /** The n-th connection (from 0), now or when it comes. Rejects after `timeoutMs`. */
  connection(index: number, timeoutMs?: number): Promise<RawConnection>;
  /** Cuts everything and frees the port. */
  close(): Promise<void>;
};

/**
 * A TCP server on loopback whose every byte the test decides. `script` is run for each connection; without one the test
 * takes the connections itself. What a script throws comes back from `close()`.
 */
export const startRawUpstream = async (
  script?: (connection: RawConnection, index: number) => Promise<void> | void,
): Promise<RawUpstream> => {
  const connections: RawConnection[] = [];
  const failures: unknown[] = [];
  const arrived = new Set<() => void>();
  let closing = false;
  const play = async (connection: RawConnection, index: number): Promise<void> => {
    try {
      await script?.(connection, index);
    } catch (error) {
      // A script that waits when the test is over has nothing to report.
      if (!closing) failures.push(error);
    }
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const connection = rawConnection(socket);
    const index = connections.push(connection) - 1;
    for (const notify of arrived) notify();
    void play(connection, index);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    connections,
    async connection(index, timeoutMs = 30_000) {
      const { promise, resolve, reject } = Promise.withResolvers<RawConnection>();
      const notify = (): void => {
        const connection = connections[index];
        if (connection !== undefined) resolve(connection);
      };
      arrived.add(notify);
      notify();
      const timer = setTimeout(() => {
        reject(
          new Error(`connection ${index} did not come within ${timeoutMs} ms; ${connections.length} did`),
        );
      }, timeoutMs);
      return promise.finally(() => {
        clearTimeout(timer);
        arrived.delete(notify);
      });
    },
    async close() {
      closing = true;
      const closed = once(server, 'close');
      server.close();
      for (const { socket } of connections) socket.destroy();
      await closed;
      if (failures.length > 0) throw new AggregateError(failures, 'a script of the raw upstream failed');
    },
  };
};
