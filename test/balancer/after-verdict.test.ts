import { expect, test } from 'vitest';
import { afterVerdict } from '../../source/balancer/after-verdict.ts';
import { judged, viewOf } from '../../source/balancer/account-state.ts';
import { candidate, now } from './sample.ts';

const others = { all: [candidate('a'), candidate('b')], now };

test('a verdict is what it is for the account alone, and at the fifth failure what it is among the others', () => {
  let runtime = candidate('a').runtime;
  for (let n = 1; n <= 4; n += 1) {
    const alone = judged(runtime, { kind: 'failed' }, null, now);
    runtime = afterVerdict({ ...candidate('a'), runtime }, { kind: 'failed' }, null, others);
    expect(runtime).toEqual(alone);
  }
  runtime = afterVerdict({ ...candidate('a'), runtime }, { kind: 'failed' }, null, others);
  expect(runtime.ejected).toEqual({ times: 1, until: now + 30_000 });
});

test('a refused token is the trouble of a login, a refused key that of a key', () => {
  const reasons = (['api-key', 'login', 'setup-token'] as const).map((kind) => {
    const { record, runtime } = candidate('a', {}, { kind });
    return viewOf(record, afterVerdict({ record, runtime }, { kind: 'unauthorized' }, null, others), now)
      .reason;
  });
  expect(reasons).toEqual([
    'the provider refused its key (401)',
    expect.stringContaining('the renewed one, too'),
    expect.stringContaining('claude setup-token'),
  ]);
});
