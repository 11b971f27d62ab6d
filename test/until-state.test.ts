import { MessageChannel } from 'node:worker_threads';
import { expect, test, vi } from 'vitest';
import { untilState } from '../source/until-state.ts';

const startStore = () => {
  const listeners = new Set<() => void>();
  return {
    listeners,
    tell: () => {
      for (const listener of listeners) listener();
    },
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};

test('is over at once where everybody sees it already, and else with the change that shows it', async () => {
  const store = startStore();
  await untilState(store, () => true);
  let count = 0;
  const ended = vi.fn<() => void>();
  const waiting = untilState(store, () => count === 2).then(ended);
  for (count = 1; count < 3; count += 1) {
    expect(ended).not.toHaveBeenCalled();
    store.tell();
    await Promise.resolve();
  }
  await waiting;
  expect(store.listeners.size).toBe(0);
});

test('what was told while the machine had no time for anybody is not given up before it is heard', async () => {
  const store = startStore();
  let told = false;
  const { port1, port2 } = new MessageChannel();
  port1.once('message', () => {
    told = true;
    store.tell();
  });
  const waiting = untilState(store, () => told);
  port2.postMessage(null);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1200);
  await waiting;
  expect(told).toBe(true);
  port1.close();
});

test('what nobody tells of is waited for a second', async () => {
  vi.useFakeTimers();
  try {
    const store = startStore();
    const waiting = untilState(store, () => false);
    vi.advanceTimersByTime(1000);
    await waiting;
    expect([store.listeners.size, vi.getTimerCount()]).toEqual([0, 0]);
  } finally {
    vi.useRealTimers();
  }
});
