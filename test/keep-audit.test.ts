import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepAudit } from '../source/keep-audit.ts';
import { systemClock } from '../source/shared/clock.ts';
import type { FinishedRequest } from '../source/shared/types.ts';
import { priceOf } from '../source/store/prices.ts';
import { createStore } from '../source/store/store.ts';
import { temporaryHome, type TemporaryHome } from './kit/temporary-home.ts';
import { finishedRequest } from './store/samples.ts';

let home: TemporaryHome;
beforeEach(async () => {
  home = await temporaryHome();
});
afterEach(() => home.remove());

const start = () => {
  const store = createStore({ clock: systemClock, price: priceOf });
  const file = join(home.path, 'audit.log');
  const bound = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 };
  const audit = keepAudit({ audit: file }, systemClock, store, bound);
  const refused = (count: number, changes: Partial<FinishedRequest>): void =>
    store.apply(
      Array.from({ length: count }, () => ({
        type: 'requestFinished' as const,
        at: systemClock.now(),
        request: finishedRequest(1, changes),
      })),
    );
  const records = (): Record<string, unknown>[] =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { audit, refused, records };
};

test('start and end stand in it, and between them every wrong key once, in a few records', async () => {
  const { audit, refused, records } = start();
  refused(1000, { status: 401, error: 'key_wrong', clientAddress: '192.0.2.7' });
  refused(2, { status: 401, error: 'key_missing', clientAddress: '192.0.2.8' });
  refused(5, { status: 200, error: null });
  refused(5, { status: 401, error: null });
  refused(5, { status: 429, error: 'key_limited' });
  await audit.end();
  const [first, ...others] = records();
  expect(first).toMatchObject({ event: 'instance.started' });
  expect(others.at(-1)).toMatchObject({ event: 'instance.stopped' });
  const failed = others.slice(0, -1);
  expect(failed.every(({ event }) => event === 'auth.failed')).toBe(true);
  expect(failed.length).toBeLessThanOrEqual(2);
  expect(failed.reduce((sum, { count }) => sum + Number(count), 0)).toBe(1002);
  expect(JSON.stringify(failed)).toContain('192.0.2.7');
});

test('what comes after its end is not written', async () => {
  const { audit, refused, records } = start();
  await audit.end();
  refused(3, { status: 401, error: 'key_wrong' });
  expect(records().map(({ event }) => event)).toEqual(['instance.started', 'instance.stopped']);
});
