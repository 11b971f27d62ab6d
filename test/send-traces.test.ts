import { expect, test } from 'vitest';
import { openTraceSender } from '../source/send-traces.ts';
import { spansIn, startTraceCollector, withStatus } from './kit/trace-collector.ts';
import { pricedSample } from './store/samples.ts';
import { runningTime } from './kit/running-time.ts';

const options = { version: '1.0.0', onStatus: () => {} };

test('names of spans have no ids in them: a collector counts by name', async () => {
  const { bodies, url } = await startTraceCollector(withStatus(200));
  const sender = await openTraceSender({ ...options, url });
  const paths = ['/v1/messages?beta=true', '/v1/files/file_1/content', '/v1/models', '/'];
  for (const [n, path] of paths.entries()) sender.write(pricedSample(n, { path }));
  await sender.close();
  // A sender that was given up, as on a machine with other things to do, goes on in this process.
  await expect
    .poll(() => bodies.flatMap(spansIn).map(({ name }) => name))
    .toEqual(['POST /v1/messages', 'POST /v1/files', 'POST /v1/models', 'POST /']);
});

test('a collector that never answers keeps nobody from the end for longer than a second', async () => {
  const { bodies, url } = await startTraceCollector(() => {});
  const sender = await openTraceSender({ ...options, url });
  sender.write(pricedSample(1));
  const elapsed = runningTime();
  await sender.close();
  expect(elapsed()).toBeLessThan(1900);
  await expect.poll(() => bodies).toHaveLength(1);
});

test('of ten thousand requests at once no more are kept than 2,048 that wait and 512 on their way', async () => {
  const { bodies, url } = await startTraceCollector(() => {});
  const sender = await openTraceSender({ ...options, url });
  for (let n = 0; n < 10_000; n += 1) sender.write(pricedSample(n));
  await sender.close();
  expect(bodies.flatMap(spansIn).length).toBeLessThanOrEqual(2048 + 512);
});
