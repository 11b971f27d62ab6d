import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { runningTime } from './running-time.ts';

test('what a program waits for and works on is counted, and what its machine keeps it from is not', async () => {
  const waited = runningTime();
  await expect.poll(waited).toBeGreaterThan(300);

  const worked = runningTime();
  const before = process.threadCpuUsage();
  while (process.threadCpuUsage(before).user < 200_000);
  expect(worked()).toBeGreaterThan(100);

  const kept = runningTime();
  // This thread stands still, as it does when it gets no processor.
  execFileSync('sleep', ['1']);
  expect(kept()).toBeLessThan(500);
});

test('what another thread of the process works on is not counted', async () => {
  const other = new Worker('for (;;);', { eval: true });
  await once(other, 'online');
  const kept = runningTime();
  execFileSync('sleep', ['1']);
  expect(kept()).toBeLessThan(500);
  await other.terminate();
});
