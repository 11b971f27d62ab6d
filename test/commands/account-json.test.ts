import { describe, expect, it } from 'vitest';
import { accountJson, isStale, restingView } from '../../source/commands/account-json.ts';
import { asEpoch, type AccountId, type LimitWindow } from '../../source/shared/types.ts';
import { accountRecord } from '../kit/records.ts';

const now = asEpoch(Date.parse('2026-11-20T12:00:00Z'));

const record = accountRecord('work', {
  id: 'a1' as AccountId,
  kind: 'api-key',
  baseUrl: 'https://api.anthropic.com',
  createdAt: now,
});

const window: LimitWindow = {
  id: '5h',
  scope: null,
  utilization: 0.42,
  status: 'allowed',
  resetsAt: asEpoch(now + 3_600_000),
  source: 'header',
  seenAt: asEpoch(now - 1000),
};

describe('accountJson', () => {
  it('has every documented key, with null for what is unknown', () => {
    expect(accountJson({ ...restingView(record, now), windows: [window] }, now)).toEqual({
      id: 'a1',
      name: 'work',
      kind: 'api-key',
      provider: 'anthropic',
      plan: null,
      organization: null,
      baseUrl: 'https://api.anthropic.com',
      state: 'ready',
      reason: null,
      availableAt: null,
      paused: false,
      preferred: false,
      priority: 200,
      weight: 1,
      caps: {},
      models: null,
      modelMap: null,
      overage: 'allow',
      concurrent: null,
      onOverage: false,
      inFlight: 0,
      requests: 0,
      lastUsedAt: null,
      tokenExpiresAt: null,
      windows: [
        {
          id: '5h',
          scope: null,
          utilization: 0.42,
          status: 'allowed',
          resetsAt: '2026-11-20T13:00:00.000Z',
          source: 'header',
          seenAt: '2026-11-20T11:59:59.000Z',
          stale: false,
        },
      ],
      forecast: {},
    });
  });

  it('says of a paused account that it is paused, and names the provider by kind', () => {
    const json = accountJson(restingView({ ...record, paused: true, kind: 'compatible' }, now), now);
    expect(json).toMatchObject({ state: 'paused', paused: true, provider: 'anthropic-compatible' });
    expect(json['reason']).not.toBeNull();
  });

  it('calls a window stale when its reset has passed or nobody spoke of it for ten minutes', () => {
    expect(isStale(window, now)).toBe(false);
    expect(isStale({ ...window, resetsAt: now }, now)).toBe(true);
    expect(isStale({ ...window, resetsAt: null }, now)).toBe(false);
    expect(isStale({ ...window, seenAt: asEpoch(now - 601_000) }, now)).toBe(true);
  });
});

it('has the forecast of each window of which enough is known', () => {
  const emptyAt = asEpoch(now + 1_920_000);
  const forecast = { '5h': { emptyAt, perHour: 0.3 }, '7d': { emptyAt: null, perHour: 0.01 } };
  expect(accountJson({ ...restingView(record, now), forecast }, now)['forecast']).toEqual({
    '5h': { emptyAt: '2026-11-20T12:32:00.000Z', lasts: false, perHour: 0.3 },
    '7d': { emptyAt: null, lasts: true, perHour: 0.01 },
  });
});
