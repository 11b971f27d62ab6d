import { describe, expect, test } from 'vitest';
import { Departure } from '../../source/proxy/departure.ts';
import type { Exchange } from '../../source/proxy/exchange.ts';
import { Pauses } from '../../source/proxy/pause.ts';
import { createFakeClock } from '../kit/fake-clock.ts';

type Paused = Exchange & { client: Departure };

const request = (): Paused => ({ client: new Departure(), waitMs: 0 }) as unknown as Paused;

const open = () => {
  const clock = createFakeClock();
  return { clock, pauses: new Pauses(clock) };
};

describe('a request that pauses', () => {
  test('goes on when its time is over, and says how long it waited', async () => {
    const { clock, pauses } = open();
    const one = request();
    const pause = pauses.pause(one, { longest: 300 });
    clock.advance(300);
    expect([await pause, one.waitMs]).toEqual([true, 300]);
  });

  test('or before that, as soon as it may', async () => {
    const { clock, pauses } = open();
    const one = request();
    let ready = false;
    const pause = pauses.pause(one, { longest: 900, isReady: () => ready });
    clock.advance(100);
    ready = true;
    expect([await pause, one.waitMs]).toEqual([true, 100]);
  });

  test('ends at once when its client leaves', async () => {
    const { clock, pauses } = open();
    const one = request();
    const pause = pauses.pause(one, { longest: 900 });
    clock.advance(40);
    one.client.leave();
    expect([await pause, one.waitMs]).toEqual([false, 40]);
  });

  test('adds to what it has waited before', async () => {
    const { clock, pauses } = open();
    const one = request();
    for (const part of [100, 200]) {
      const pause = pauses.pause(one, { longest: part });
      clock.advance(part);
      await pause;
    }
    expect(one.waitMs).toBe(300);
  });
});

test('those that wait for the same go one after the other, in their order: each sees what the one before has taken', async () => {
  const { pauses } = open();
  let room = 2;
  const gone: number[] = [];
  const all = Array.from({ length: 4 }, async (_, n) => {
    await pauses.pause(request(), { longest: 900, isReady: () => room > 0 });
    room -= 1;
    gone.push(n);
  });
  await all[1];
  expect([gone, room]).toEqual([[0, 1], 0]);
  room = 2;
  await Promise.all(all);
  expect([gone, room]).toEqual([[0, 1, 2, 3], 0]);
});

test('what changes is looked at once, and soon: before the next look by the clock', async () => {
  const { pauses } = open();
  let looks = 0;
  let ready = false;
  const pause = pauses.pause(request(), { longest: 900, isReady: () => ((looks += 1), ready) });
  pauses.changed();
  pauses.changed();
  await new Promise(setImmediate);
  expect(looks).toBe(1);
  ready = true;
  pauses.changed();
  await pause;
  expect(looks).toBe(2);
  pauses.changed();
});

test('nobody pauses whose client has gone, whose time is over, or who would be one of too many', () => {
  const { pauses } = open();
  const left = request();
  left.client.leave();
  expect(pauses.pause(left, { longest: 900 })).toBeNull();
  expect(pauses.pause(request(), { longest: 0 })).toBeNull();
  const all = Array.from({ length: 256 }, request);
  for (const each of all) expect(pauses.pause(each, { longest: 900 })).not.toBeNull();
  expect(pauses.pause(request(), { longest: 900 })).toBeNull();
  for (const each of all) each.client.leave();
  expect(pauses.pause(left, { longest: 900 })).toBeNull();
});
