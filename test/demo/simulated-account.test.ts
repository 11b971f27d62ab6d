import { expect, test } from 'vitest';
import type { MessageRequest } from '../../source/demo/parse-request.ts';
import { createAccount } from '../../source/demo/simulated-account.ts';
import { asEpoch } from '../../source/shared/types.ts';

const start = asEpoch(1_795_330_800_000);
const request: MessageRequest = {
  model: 'claude-opus-5-5',
  maxTokens: 100,
  stream: false,
  thinking: false,
  forcedTool: null,
  blocks: [{ role: 'user', type: 'text', text: 'x'.repeat(100) }],
};

test('prompt and output are charged apart, and their sum is what the windows lost', () => {
  const account = createAccount(
    { name: 'a', key: 'k', limits: { kind: 'unified', quota: { '5h': 100 } } },
    start,
  );
  const prompt = account.charge(request, start);
  expect(account.truth(start).windows[0]!.used).toBe(prompt.input);
  account.chargeOutput(request.model, 100, start);
  const truth = account.truth(start);
  expect(truth.windows[0]!.used).toBe(prompt.input + 100);
  expect(truth).toMatchObject({ served: 1, refused: 0, usage: { input: prompt.input, output: 100 } });
  expect(Object.fromEntries(account.refuse(request.model, start)!)['retry-after']).toBe('18000');
  expect(account.truth(start).refused).toBe(1);
});

test('what was told last stays as it was told, while the truth goes on', () => {
  const account = createAccount(
    { name: 'a', key: 'k', limits: { kind: 'unified', quota: { '5h': 100 } } },
    start,
  );
  expect(account.truth(start).told).toBe(null);
  account.limitHeaders(request.model, start);
  account.chargeOutput(request.model, 100, start);
  expect(account.truth(start).told![0]).toMatchObject({ id: '5h', utilization: 0 });
  account.refuse(request.model, start);
  expect(account.truth(start).told![0]).toMatchObject({ utilization: 1, status: 'rejected' });
});

test('output does not count as a request', () => {
  const account = createAccount({ name: 'a', key: 'k', limits: { kind: 'classic' } }, start);
  account.charge(request, start);
  account.chargeOutput(request.model, 5, start);
  expect(account.truth(start).windows.find(({ id }) => id === 'requests')?.used).toBe(1);
});

test('every account has an organization of its own that stays the same', () => {
  const organization = (name: string): string =>
    createAccount({ name, key: 'k', limits: { kind: 'none' } }, start).organization;
  expect(organization('a')).toBe(organization('a'));
  expect(organization('a')).not.toBe(organization('b'));
  expect(organization('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('one with paid overage serves on where its plan has ended, and says so', () => {
  const overage = { used: 0.1, resetsInMs: 1000 };
  const limits = { kind: 'unified', used: { '5h': 1 } } as const;
  const refusing = createAccount({ name: 'a', key: 'k', limits }, start);
  expect(refusing.isSpent(request.model, start)).toBe(true);
  const paying = createAccount({ name: 'a', key: 'k', limits: { ...limits, overage } }, start);
  expect(paying.isSpent(request.model, start)).toBe(false);
  expect(paying.refuse(request.model, start)).toBeNull();
  const headers = Object.fromEntries(paying.limitHeaders(request.model, start));
  expect(headers['anthropic-ratelimit-unified-status']).toBe('rejected');
  expect(headers['anthropic-ratelimit-unified-overage-in-use']).toBe('true');
});
