import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A body as the usage or profile endpoint was seen to send it. */
export const usageFixture = (name: string): { status?: number; body: unknown } =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')) as { body: unknown };

type Seen = { path: string; headers: NodeJS.Dict<string | string[]> };

/** A provider's usage and profile endpoints on loopback. */
export const startUsageEndpoints = async () => {
  const seen: Seen[] = [];
  const answers: Record<string, { status?: number; body: unknown }> = {
    '/api/oauth/usage': usageFixture('usage-2026-limits'),
    '/api/oauth/profile': usageFixture('oauth-profile'),
  };
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    seen.push({ path, headers: request.headers });
    const { status = 200, body } = answers[path] ?? { status: 404, body: {} };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { seen, answers, url, close, paths: () => seen.map(({ path }) => path.replace('/api/oauth/', '')) };
};
