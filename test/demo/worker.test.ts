import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { demoKey } from '../../source/demo/accounts.ts';
import { startDemoWorker } from '../../source/demo/worker-client.ts';

test('the thread answers for the five accounts and for nobody else, and asks whom it is told to', async () => {
  const agents: string[] = [];
  const proxy = createServer((request, response) => {
    agents.push(request.headers['user-agent'] ?? '');
    request.resume();
    response.writeHead(400, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const demo = startDemoWorker({ seed: 1, onCrash: (error) => expect.unreachable(error.message) });
  try {
    const { url } = await demo.listening;
    const status = async (key: string): Promise<number> =>
      (await fetch(`${url}/v1/models`, { headers: { 'x-api-key': key } })).status;
    for (const name of ['work', 'home', 'lab', 'team-a', 'relay'])
      expect(await status(demoKey(name))).toBe(200);
    expect(await status('demo-other')).toBe(401);
    expect(agents).toEqual([]);
    demo.begin(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    await expect
      .poll(() => agents.filter((agent) => agent.startsWith('claude-cli/')).length)
      .toBeGreaterThanOrEqual(3);
    await expect.poll(() => agents.some((agent) => agent.startsWith('Anthropic/'))).toBe(true);
  } finally {
    await demo.terminate();
    proxy.closeAllConnections();
    proxy.close();
  }
});
