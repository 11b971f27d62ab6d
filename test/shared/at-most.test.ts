import { MessageChannel } from 'node:worker_threads';
import { expect, test, vi } from 'vitest';
import { atMost } from '../../source/shared/at-most.ts';

test('is over after its time, or with the work, and leaves no timer', async () => {
  vi.useFakeTimers();
  try {
    const over = vi.fn<(value: unknown) => void>();
    const waiting = atMost(new Promise(() => {}), 250).then(over);
    await vi.advanceTimersByTimeAsync(250);
    expect(over).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(50);
    await waiting;
    expect(over.mock.calls).toEqual([[undefined]]);
    expect(await atMost(Promise.resolve('done'), 250)).toBe('done');
    await expect(atMost(Promise.reject(new Error('failed')), 250)).rejects.toThrow('failed');
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('is not over before what was told meanwhile is heard, however long the machine had no time for anybody', async () => {
  const { port1, port2 } = new MessageChannel();
  const heard = new Promise<string>((resolve) => void port1.once('message', resolve));
  const waiting = atMost(heard, 300);
  port2.postMessage('told');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
  expect(await waiting).toBe('told');
  port1.close();
});
