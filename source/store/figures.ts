import type { StatsSums } from '../shared/statistics.ts';
import { countInto, mergeInto, type Spread } from './spread.ts';
import type { PricedRequest } from './state.ts';

/** What many requests come to. */
export type Figures = StatsSums & {
  /** Tokens of streamed answers, and how long they streamed, in ms. */
  streamedTokens: number;
  streamedMs: number;
  /** Of the requests that ended well. */
  firstByte: Spread;
  total: Spread;
};

/** What counts of a request. */
export type Counted = Pick<
  PricedRequest,
  | 'at'
  | 'account'
  | 'costKind'
  | 'model'
  | 'upstreamModel'
  | 'client'
  | 'session'
  | 'outcome'
  | 'stream'
  | 'firstByteMs'
  | 'totalMs'
  | 'attempts'
  | 'tokens'
  | 'costUsd'
  | 'cacheSavedUsd'
>;

/** Of no request. */
export const noFigures = (): Figures => ({
  requests: 0,
  errors: 0,
  retries: 0,
  failedOver: 0,
  inputTokens: null,
  outputTokens: null,
  cacheReadTokens: null,
  cacheWriteTokens: null,
  costUsd: null,
  listValueUsd: null,
  unpricedRequests: 0,
  cacheSavedUsd: null,
  cacheSavedListValueUsd: null,
  streamedTokens: 0,
  streamedMs: 0,
  firstByte: new Map(),
  total: new Map(),
});

/** Two sums together; null is one to which nobody told anything. */
export const sumOf = (a: number | null, b: number | null): number | null => (b === null ? a : (a ?? 0) + b);

const hasFailedOver = ({ outcome, account, attempts }: Counted): boolean =>
  outcome === 'ok' && attempts.some((attempt) => attempt.account !== account);

const countTimes = (figures: Figures, request: Counted): void => {
  const { stream, firstByteMs, totalMs, tokens } = request;
  countInto(figures.total, totalMs);
  if (firstByteMs === null) return;
  countInto(figures.firstByte, firstByteMs);
  if (!stream || tokens.output === null || totalMs <= firstByteMs) return;
  figures.streamedTokens += tokens.output;
  figures.streamedMs += totalMs - firstByteMs;
};

/** Where money is counted, and where the rest: what was paid, and what was saved. */
const purses = {
  cost: ['costUsd', 'cacheSavedUsd'],
  'list value': ['listValueUsd', 'cacheSavedListValueUsd'],
} as const;

/** Counts a request into the figures. */
export const countRequest = (figures: Figures, request: Counted): void => {
  countSums(figures, request);
  if (request.outcome === 'ok') countTimes(figures, request);
};

/** Counts what can be summed up of a request, and none of its times. */
export const countSums = (figures: Figures, request: Counted): void => {
  const { outcome, tokens, costUsd, costKind } = request;
  figures.requests += 1;
  if (outcome !== 'ok') figures.errors += 1;
  figures.retries += Math.max(0, request.attempts.length - 1);
  if (hasFailedOver(request)) figures.failedOver += 1;
  figures.inputTokens = sumOf(figures.inputTokens, tokens.input);
  figures.outputTokens = sumOf(figures.outputTokens, tokens.output);
  figures.cacheReadTokens = sumOf(figures.cacheReadTokens, tokens.cacheRead);
  const written = sumOf(tokens.cacheWrite5m, tokens.cacheWrite1h);
  figures.cacheWriteTokens = sumOf(figures.cacheWriteTokens, written);
  const [purse, saved] = purses[costKind ?? 'list value'];
  figures[purse] = sumOf(figures[purse], costUsd);
  figures[saved] = sumOf(figures[saved], request.cacheSavedUsd);
  if (costUsd === null && tokens.output !== null) figures.unpricedRequests += 1;
};

/** The sums, in the order in which they are kept. Those of `told` are null as long as nobody told anything. */
export const counts = [
  'requests',
  'errors',
  'retries',
  'failedOver',
  'unpricedRequests',
  'streamedTokens',
  'streamedMs',
] as const;
export const told = [
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'costUsd',
  'listValueUsd',
  'cacheSavedUsd',
  'cacheSavedListValueUsd',
] as const;

/** Counts all that the other figures stand for into these. */
export const addFigures = (figures: Figures, other: Figures): void => {
  addSums(figures, other);
  mergeInto(figures.firstByte, other.firstByte);
  mergeInto(figures.total, other.total);
};

/** The same of what can be summed up, without the times. */
export const addSums = (figures: Figures, other: Figures): void => {
  for (const name of counts) figures[name] += other[name];
  for (const name of told) figures[name] = sumOf(figures[name], other[name]);
};
