import { describe, expect, test } from 'vitest';
import { asDuration } from '../../source/shared/types.ts';
import { addFigures, countRequest, noFigures, type Figures } from '../../source/store/figures.ts';
import type { PricedRequest } from '../../source/store/state.ts';
import { pricedSample } from './samples.ts';

const figuresOf = (...requests: Partial<PricedRequest>[]): Figures => {
  const figures = noFigures();
  for (const [index, fields] of requests.entries()) {
    countRequest(figures, pricedSample(index, fields));
  }
  return figures;
};

const tokens = { input: 10, output: 20, cacheRead: 30, cacheWrite5m: 4, cacheWrite1h: 5 };
const unknown = { input: null, output: null, cacheRead: null, cacheWrite5m: null, cacheWrite1h: null };

test('tokens are summed up, and what nobody told is not known', () => {
  expect(figuresOf({ tokens }, { tokens }, { tokens: unknown })).toMatchObject({
    requests: 3,
    inputTokens: 20,
    outputTokens: 40,
    cacheReadTokens: 60,
    cacheWriteTokens: 18,
  });
  expect(figuresOf({ tokens: unknown, costUsd: null, cacheSavedUsd: null })).toMatchObject({
    inputTokens: null,
    outputTokens: null,
    cacheReadTokens: null,
    cacheWriteTokens: null,
    costUsd: null,
    listValueUsd: null,
    cacheSavedUsd: null,
    cacheSavedListValueUsd: null,
  });
});

describe('money', () => {
  test('and list value are two sums, of which an unknown kind is no money', () => {
    const sums = figuresOf(
      { costKind: 'cost', costUsd: 1 },
      { costKind: 'cost', costUsd: 2 },
      { costKind: 'list value', costUsd: 4 },
      { costKind: null, costUsd: 16 },
    );
    expect(sums).toMatchObject({ costUsd: 3, listValueUsd: 20, unpricedRequests: 0 });
  });

  test('that nobody knows is counted where tokens were spent, and never 0', () => {
    const sums = figuresOf({ costUsd: null, tokens }, { costUsd: null, tokens: unknown });
    expect(sums).toMatchObject({ costUsd: null, unpricedRequests: 1 });
  });
});

test('what caching saved is money, or of what a plan gives, and never one for the other', () => {
  const money = { costKind: 'cost', cacheSavedUsd: 3.8 } as const;
  const plan = { costKind: 'list value', cacheSavedUsd: 0.5 } as const;
  const nobody = { costKind: null, cacheSavedUsd: 0.25 };
  expect(figuresOf(money, money, plan, nobody)).toMatchObject({
    cacheSavedUsd: 7.6,
    cacheSavedListValueUsd: 0.75,
  });
  const unknownAlone = figuresOf({ cacheSavedUsd: null });
  expect([unknownAlone.cacheSavedUsd, unknownAlone.cacheSavedListValueUsd]).toEqual([null, null]);
});

test('retries and failing over are told apart: only what another account served was saved', () => {
  const attempt = (account: string) => ({
    account,
    status: 529,
    verdict: 'overloaded',
    window: null,
    ms: asDuration(1),
  });
  const sums = figuresOf(
    { attempts: [attempt('home'), attempt('work')] },
    { attempts: [attempt('work'), attempt('work')] },
    { attempts: [attempt('home'), attempt('work')], outcome: 'error' },
    { attempts: [] },
  );
  expect(sums).toMatchObject({ requests: 4, errors: 1, retries: 3, failedOver: 1 });
});

test('times are those of requests that ended well, speed that of streamed answers', () => {
  const ms = { firstByteMs: asDuration(1000), totalMs: asDuration(3000), tokens };
  const sums = figuresOf(
    ms,
    { ...ms, stream: false },
    { ...ms, outcome: 'error' },
    { ...ms, firstByteMs: null },
    { ...ms, totalMs: asDuration(1000) },
  );
  expect([...sums.firstByte.values()]).toEqual([3]);
  expect([...sums.total.values()].reduce((a, b) => a + b)).toBe(4);
  expect(sums).toMatchObject({ streamedTokens: 20, streamedMs: 2000 });
});

test('sums of parts are the sum of the whole', () => {
  const parts: Partial<PricedRequest>[] = [
    { tokens, costUsd: 0.5 },
    { tokens: unknown, costUsd: null, outcome: 'aborted' },
    { costKind: 'list value', costUsd: 0.25 },
  ];
  const sum = noFigures();
  for (const part of parts) addFigures(sum, figuresOf(part));
  expect(sum).toEqual(figuresOf(...parts));
});
