import { expect, test } from 'vitest';
import { asEpoch } from '../../source/shared/types.ts';
import { historyRow } from '../../source/store/history-row.ts';
import { pricedSample } from './samples.ts';

test('a row is the documented JSON object, keys in order', () => {
  const row = historyRow(pricedSample(1, { at: asEpoch(Date.UTC(2026, 10, 22, 4, 30)) }));
  expect(JSON.stringify(row)).toBe(
    JSON.stringify({
      id: 'request-00000001',
      at: '2026-11-22T04:30:00.000Z',
      method: 'POST',
      path: '/v1/messages',
      client: 'default',
      clientAddress: '127.0.0.1',
      agent: 'claude-code',
      session: 'session-1',
      project: 'website',
      model: 'claude-opus-5-5',
      upstreamModel: 'claude-opus-5-5',
      account: 'work',
      status: 200,
      outcome: 'ok',
      stream: true,
      waitMs: 0,
      firstByteMs: 410,
      totalMs: 6200.25,
      attempts: [
        { account: 'home', status: 429, verdict: 'limited', window: '5h', ms: 90 },
        { account: 'work', status: 200, verdict: 'forwarded', window: null, ms: 6100 },
      ],
      decision: {
        strategy: 'sticky',
        affinity: 'warm',
        considered: [
          { account: 'home', verdict: 'limited until 14:00' },
          { account: 'work', verdict: 'chosen' },
        ],
        rewriteTokens: null,
        rewriteCostUsd: null,
      },
      tokens: { input: 1200, output: 640, cacheRead: 9000, cacheWrite5m: 0, cacheWrite1h: 300 },
      costUsd: 0.02,
      costKind: 'cost',
      stopReason: 'end_turn',
      upstreamRequestId: 'req_1',
      mayHaveRunTwice: false,
      error: null,
    }),
  );
});

test('what is unknown is null and present', () => {
  const row = historyRow(
    pricedSample(1, {
      account: null,
      costKind: null,
      status: null,
      firstByteMs: null,
      attempts: [],
      decision: null,
      tokens: { input: null, output: null, cacheRead: null, cacheWrite5m: null, cacheWrite1h: null },
      costUsd: null,
    }),
  );
  expect(row).toMatchObject({
    account: null,
    status: null,
    firstByteMs: null,
    attempts: [],
    decision: null,
    tokens: { input: null, output: null, cacheRead: null, cacheWrite5m: null, cacheWrite1h: null },
    costUsd: null,
    costKind: null,
  });
});

test('internal fields stay inside, at every depth', () => {
  const request = structuredClone(pricedSample(1));
  const marked = { internal: 'must not be seen' };
  Object.assign(request, marked);
  Object.assign(request.tokens, marked);
  Object.assign(request.decision!, marked);
  Object.assign(request.decision!.considered[0]!, marked);
  Object.assign(request.attempts[0]!, marked);
  const text = JSON.stringify(historyRow(request));
  expect(text).not.toContain('internal');
  expect(text).not.toContain('accountId');
});
