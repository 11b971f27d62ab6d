import { describe, expect, test } from 'vitest';
import { metricsText, type MetricsNow } from '../../source/proxy/metrics.ts';
import { createTally, mostNames } from '../../source/proxy/tally.ts';
import type { ProxyEvent } from '../../source/shared/events.ts';
import { asDuration, asEpoch, type FinishedRequest, type TokenCounts } from '../../source/shared/types.ts';
import { inRun } from '../kit/long-run.ts';
import { readExposition, valueIn } from '../kit/read-exposition.ts';
import { finishedRequest } from '../store/samples.ts';

const idle: MetricsNow = { accounts: [], inFlight: 0, heldNow: 0, dropped: 0 };

const finished = (fields: Partial<FinishedRequest>): ProxyEvent => ({
  type: 'requestFinished',
  at: asEpoch(0),
  request: finishedRequest(1, fields),
});

describe('whatever clients send, what is counted stays bounded', () => {
  const count = inRun(20_000, 100_000);
  const word = (n: number): string => `name-${n}-${'x'.repeat(100)}`;

  test('names of models that nobody serves take no place', () => {
    const tally = createTally();
    for (let n = 0; n < count; n += 1) {
      tally.observe(finished({ model: word(n), upstreamModel: null, status: 404, outcome: 'error' }));
    }
    tally.observe(finished({}));
    expect([...tally.models.keys()]).toEqual(['claude-opus-5-5']);
    expect(metricsText(tally, idle).length).toBeLessThan(10_000);
  });

  test('10^5 models, accounts, verdicts and reasons are a few hundred series, and nothing is lost in their sums', () => {
    const tally = createTally();
    for (let n = 0; n < count; n += 1) {
      const attempt = { account: word(n), status: 200, verdict: word(n), window: null, ms: asDuration(1) };
      tally.observe(
        finished({ upstreamModel: word(n), account: word(n), attempts: [attempt], status: 200 + (n % 200) }),
      );
      tally.refused(`w${n.toString(36).replaceAll(/\d/g, '_')}: why`);
    }
    const text = metricsText(tally, idle);
    const families = readExposition(text);
    const sum = (name: string): number =>
      (families.get(name)?.samples ?? []).reduce((all, { value }) => all + value, 0);
    expect(sum('ccr_tui_requests_total')).toBe(count);
    expect(sum('ccr_tui_model_requests_total')).toBe(count);
    expect(sum('ccr_tui_attempts_total')).toBe(count);
    expect(sum('ccr_tui_refused_total')).toBe(count);
    expect(tally.models.size).toBe(mostNames.models + 1);
    expect(tally.accounts.size).toBe(mostNames.accounts + 1);
    expect(text.length).toBeLessThan(4_000_000);
    const more = metricsText(tally, idle).length;
    for (let n = 0; n < 1000; n += 1)
      tally.observe(finished({ upstreamModel: `late-${n}`, account: `l-${n}` }));
    expect(metricsText(tally, idle).length).toBeLessThan(more + 200);
  });
});

test('tokens that no answer told of are not there, and those that were are summed up', () => {
  const tally = createTally();
  const tokens = (fields: Partial<TokenCounts>): TokenCounts => ({
    input: null,
    output: null,
    cacheRead: null,
    cacheWrite5m: null,
    cacheWrite1h: null,
    ...fields,
  });
  tally.observe(finished({ tokens: tokens({}) }));
  expect(metricsText(tally, idle)).not.toContain('ccr_tui_tokens_total');
  tally.observe(finished({ tokens: tokens({ input: 7, cacheRead: 0 }) }));
  tally.observe(finished({ tokens: tokens({ input: 5 }) }));
  const families = readExposition(metricsText(tally, idle));
  expect(valueIn(families, 'ccr_tui_tokens_total', { account: 'work', type: 'input' })).toBe(12);
  expect(valueIn(families, 'ccr_tui_tokens_total', { account: 'work', type: 'cache_read' })).toBe(0);
  expect(valueIn(families, 'ccr_tui_tokens_total', { account: 'work', type: 'output' })).toBeUndefined();
});
