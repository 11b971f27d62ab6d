import { expect, test } from 'vitest';
import { createArrivals } from '../../source/demo/arrivals.ts';
import { asEpoch } from '../../source/shared/types.ts';

const head = { at: asEpoch(1), method: 'GET', path: '/', rawHeaders: [] };

test('whoever waits gets the first request that matches, complete, whether it came before or comes later', async () => {
  const arrivals = createArrivals(10);
  const waiting = arrivals.awaitRequest(({ path }) => path === '/b');
  const first = arrivals.arrive(head);
  const second = arrivals.arrive({ ...head, path: '/b' });
  arrivals.settle(second);
  first.bodySha256 = '';
  arrivals.settle(first);
  second.bodySha256 = '';
  arrivals.settle(second);
  expect(await waiting).toBe(second);
  expect(await arrivals.awaitRequest()).toBe(first);
});

test('the end of a request is a different matter from its arrival', async () => {
  const arrivals = createArrivals(10);
  const arrival = arrivals.arrive(head);
  arrival.bodySha256 = '';
  arrivals.settle(arrival);
  await expect(arrivals.awaitClose(undefined, 1)).rejects.toThrow('within 1 ms: none among 1 requests');
  const waiting = arrivals.awaitClose();
  arrival.end = 'sent';
  arrivals.settle(arrival);
  expect(await waiting).toBe(arrival);
});

test('whoever still waits when the upstream closes is told', async () => {
  const arrivals = createArrivals(10);
  const waiting = arrivals.awaitRequest();
  arrivals.close();
  await expect(waiting).rejects.toThrow('closed');
});

test('remembers only the newest', () => {
  const arrivals = createArrivals(2);
  for (let n = 0; n < 5; n += 1) arrivals.arrive(head);
  expect(arrivals.list.map(({ seq }) => seq)).toEqual([4, 5]);
});
