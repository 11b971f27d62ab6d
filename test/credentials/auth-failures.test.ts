import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createAuthFailures } from '../../source/credentials/auth-failures.ts';
import type { AuditEvent } from '../../source/shared/audit-event.ts';

let records: AuditEvent[] = [];
const audit = {
  record: async (event: AuditEvent) => {
    records.push(event);
  },
};
beforeEach(() => {
  records = [];
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

it('has the first failure recorded at once', () => {
  createAuthFailures(audit).add('127.0.0.1');
  expect(records).toEqual([{ event: 'auth.failed', count: 1, addresses: ['127.0.0.1'] }]);
});

it('has a thousand a second for a minute make one record a second, and loses none of the count', async () => {
  const failures = createAuthFailures(audit);
  for (let ms = 0; ms < 60_000; ms += 1) {
    failures.add(`192.0.2.${ms % 200}`);
    vi.advanceTimersByTime(1);
  }
  await failures.close();
  expect(records.length).toBeLessThanOrEqual(62);
  let total = 0;
  for (const record of records) {
    if (record.event !== 'auth.failed') throw new Error(record.event);
    total += record.count;
    expect(record.addresses.length).toBeLessThanOrEqual(5);
  }
  expect(total).toBe(60_000);
  expect(JSON.stringify(records).length).toBeLessThan(100_000);
});

it('is silent while nobody fails, and records the next one at once again', async () => {
  const failures = createAuthFailures(audit);
  for (let n = 0; n < 3; n += 1) failures.add('::1');
  vi.advanceTimersByTime(5000);
  failures.add('::1');
  expect(records.map((record) => 'count' in record && record.count)).toEqual([1, 2, 1]);
  await failures.close();
  expect(records).toHaveLength(3);
  expect(vi.getTimerCount()).toBe(0);
});
