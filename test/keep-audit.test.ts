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
  const bound = { url: 'http://127.0.0.1:1', host: '0.0.0.0', port: 1 };
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

test('start and end stand in it, and no wrong key a second time: the thread that saw it has recorded it', async () => {
  const { audit, refused, records } = start();
  refused(3, { status: 401, error: 'key_wrong', clientAddress: '192.0.2.7' });
  await audit.record({ event: 'key.revoked', key: 'laptop' }, 'screen');
  await audit.end();
  expect(records()).toMatchObject([
    // The url is for programs of this machine; who else may come is said by the address.
    { event: 'instance.started', via: 'instance', url: 'http://127.0.0.1:1', host: '0.0.0.0' },
    { event: 'key.revoked', via: 'screen' },
    { event: 'instance.stopped', via: 'instance' },
  ]);
});
