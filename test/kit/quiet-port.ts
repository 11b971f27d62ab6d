import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A free port on loopback that the system gives nobody by itself: for a test that has to find it free once more. One that was
 * given for port 0 is given to the next connection or server of any process as soon as it is closed.
 */
export const quietPort = async (): Promise<number> => {
  for (;;) {
    // Below the ports that Linux (32768 on), macOS and Windows (49152 on) hand out.
    const port = randomInt(20_000, 32_000);
    const server = createServer();
    const isFree = await once(server.listen(port, '127.0.0.1'), 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    await new Promise((resolve) => void server.close(resolve));
    return port;
  }
};
