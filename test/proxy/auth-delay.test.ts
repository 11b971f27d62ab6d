import { describe, expect, test } from 'vitest';
import { createAuthDelay, type AuthDelay } from '../../source/proxy/auth-delay.ts';

const start = (options: { addresses?: number } = {}) => {
  let now = 1000;
  const delay = createAuthDelay({ monotonic: () => now, ...options });
  return {
    delay,
    pass: (ms: number) => {
      now += ms;
    },
  };
};

const fail = ({ failed }: AuthDelay, times: number, address = '192.0.2.1'): (number | null)[] =>
  Array.from({ length: times }, () => failed(address));

describe('wrong keys from one address', () => {
  test('the first ten are answered at once, later ones more and more slowly, then not at all', () => {
    const waits = fail(start().delay, 30);
    expect(waits.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 0));
    expect(waits.slice(10, 20)).toEqual([200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000]);
    expect(waits.slice(20)).toEqual(Array.from({ length: 10 }, () => null));
  });

  test('at 1,000 a second five a second are answered', () => {
    const { delay, pass } = start();
    let answered = 0;
    for (let n = 0; n < 10_000; n += 1) {
      if (delay.failed('192.0.2.1') !== null) answered += 1;
      pass(1);
    }
    expect(answered).toBeGreaterThanOrEqual(60);
    expect(answered).toBeLessThanOrEqual(72);
  });

  test('are forgiven with time', () => {
    const { delay, pass } = start();
    fail(delay, 30);
    pass(4000);
    expect(fail(delay, 1)).toEqual([0]);
    pass(3_600_000);
    expect(fail(delay, 11)).toEqual([...Array.from({ length: 10 }, () => 0), 200]);
  });

  test('slow nobody else', () => {
    const { delay } = start();
    fail(delay, 100);
    expect(delay.failed('192.0.2.2')).toBe(0);
    expect(delay.failed('2001:db8::1')).toBe(0);
  });

  test('count for the whole network of one customer with IPv6', () => {
    const { delay } = start();
    const addresses = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::', '2001:DB8:1:2:3:4:5:6', '2001:db8:1:2::'];
    for (let n = 0; n < 12; n += 1) delay.failed(addresses[n % 4]!);
    expect(delay.failed('2001:db8:1:2::9')).toBe(600);
    expect(delay.failed('2001:db8:1:3::9')).toBe(0);
    expect(delay.failed('::1')).toBe(0);
  });

  test('of a million addresses cost the memory of a few, and do not hide the busiest', () => {
    const { delay } = start({ addresses: 100 });
    fail(delay, 30);
    for (let n = 0; n < 99; n += 1) delay.failed(`198.51.100.${n}`);
    expect(fail(delay, 1)).toEqual([null]);
    for (let n = 0; n < 200; n += 1) delay.failed(`203.0.113.${n}`);
    expect(fail(delay, 1)).toEqual([0]);
  });
});

test('each wrong key is told of, answered or not', () => {
  const told: string[] = [];
  const delay = createAuthDelay({ monotonic: () => 0, onFailed: (address) => void told.push(address) });
  fail(delay, 25, '192.0.2.9');
  expect(told).toEqual(Array.from({ length: 25 }, () => '192.0.2.9'));
});
