import { describe, expect, test } from 'vitest';
import { Provider } from '../../source/simulate/provider.ts';
import { smallTrace, smallWorld, traceOf, worldOf } from './samples.ts';

const trace = traceOf(smallTrace());
const [request] = trace.requests as [(typeof trace.requests)[number]];
const hour = 3_600_000;

const providerOf = (account: Record<string, unknown>): Provider => {
  const [only] = worldOf(
    smallWorld({ accounts: [{ name: 'a', kind: 'plan', windows: [], ...account }] }),
  ).accounts;
  if (only === undefined) throw new Error('no account');
  return new Provider(only, trace);
};

const firstUse = { id: '5h', kind: 'first-use', lengthMs: hour, capacityUsd: 0.26, models: null };
const fixed = { id: '7d', kind: 'fixed', lengthMs: hour, capacityUsd: 1, models: null, resetAtMs: 1000 };

describe('a window', () => {
  test('of first use is closed until then, tells its share rounded down, and refuses when it is spent', () => {
    const provider = providerOf({ windows: [firstUse] });
    expect(provider.headers(0)).toEqual({});
    expect(provider.refusal(request, 100)).toBeNull();
    expect(provider.serve(request, 100).total).toBeCloseTo(0.13);
    expect(provider.headers(0)).toEqual({
      'anthropic-ratelimit-unified-5h-utilization': '0.50',
      'anthropic-ratelimit-unified-5h-status': 'allowed',
      'anthropic-ratelimit-unified-5h-reset': String((trace.startAt + hour + 1000) / 1000),
    });
    provider.external(0.2, 200);
    expect(provider.refusal(request, 200)).toMatchObject({
      'anthropic-ratelimit-unified-status': 'rejected',
      'anthropic-ratelimit-unified-5h-status': 'rejected',
    });
    expect(provider.refusal(request, 101 * hour)).toBeNull();
    expect(provider.headers(0)).toEqual({});
  });

  test('that is fixed is used at the start, and what a reset takes away is told', () => {
    const provider = providerOf({ windows: [{ ...fixed, usedUsd: 0.4 }] });
    provider.advance(999);
    expect(provider.expired).toEqual([]);
    provider.advance(1000);
    expect(provider.expired).toEqual([{ at: 1000, lengthMs: hour, leftUsd: 0.6 }]);
    expect(provider.headers(0)['anthropic-ratelimit-unified-7d-utilization']).toBe('0.00');
  });

  test('of other models neither counts nor refuses', () => {
    const provider = providerOf({ windows: [{ ...fixed, models: ['fable'], usedUsd: 2 }] });
    expect(provider.refusal(request, 0)).toBeNull();
    expect(provider.headers(0)).toEqual({});
  });

  test('that is spent keeps others out, too', () => {
    const provider = providerOf({ windows: [{ ...fixed, usedUsd: 1, resetAtMs: 10_000 }] });
    provider.external(5, 0);
    provider.advance(10_000);
    expect(provider.expired[0]?.leftUsd).toBe(0);
  });
});

describe('an account that refills all the time', () => {
  const api = { kind: 'api', inputTokensPerMin: 12_000, outputTokensPerMin: 6000 };

  test('serves what its bucket holds, then says when it will again', () => {
    const provider = providerOf(api);
    expect(provider.refusal(request, 0)).toBeNull();
    provider.serve(request, 0);
    const other = { ...request, chain: '9/0', sys: 0, prompt: 9000 };
    // 9,000 less the shared beginning; 2,000 are left, and 200 come back each second.
    expect(provider.refusal(other, 0)).toEqual({ 'retry-after': '30' });
    expect(provider.refusal(other, 31_000)).toBeNull();
  });

  test('tells nothing of windows', () => expect(providerOf(api).headers(0)).toEqual({}));
});
