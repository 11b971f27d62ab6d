import { expect, test } from 'vitest';
import { startDemoWorker } from '../../source/demo/worker-client.ts';

test('the thread listens on this machine alone, and ends without a word when it is terminated', async () => {
  const crashes: Error[] = [];
  const demo = startDemoWorker({ seed: 1, onCrash: (error) => crashes.push(error) });
  const { url } = await demo.listening;
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await demo.terminate();
  await expect(fetch(url)).rejects.toThrow('fetch failed');
  expect(crashes).toEqual([]);
});

test('a thread that dies is told of, once', async () => {
  const { promise, resolve } = Promise.withResolvers<Error>();
  let count = 0;
  const demo = startDemoWorker({
    seed: 1,
    onCrash(error) {
      count += 1;
      resolve(error);
    },
  });
  await demo.listening;
  // No URL: it throws where it would begin to ask.
  demo.begin('nowhere');
  expect(await promise).toBeInstanceOf(Error);
  await demo.terminate();
  expect(count).toBe(1);
});
