import { priceOf, type Price } from '../store/prices.ts';
import type { PricedRequest } from '../store/state.ts';
import { asEpoch, noTokens, type EpochMs, type TokenCounts } from '../shared/types.ts';

// The recorded requests as a trace for `simulate`: who asked when, for how much, and what came after what. What the
// history does not know is guessed from what it does: which requests are one conversation, and one prompt of a person.

/** Quiet for longer, a person has begun something else. */
const pauseMs = 300_000;

export type HistoryTrace = {
  /** In the format `ccr-trace/1`. */
  trace: Record<string, unknown>;
  /** Requests that are not in it: nobody told what they cost, or their model has no price here. */
  left: number;
};

type Known = { row: PricedRequest; prompt: number; output: number; model: string };

/** A conversation, as far as it has come. */
type Chain = { agent: number; epoch: number; prompt: number; id: number; end: number };

type Talk = { session: number; task: number; end: number; chains: Chain[] };

const promptOf = ({ input, cacheRead, cacheWrite5m, cacheWrite1h }: TokenCounts): number | null =>
  input === null ? null : input + (cacheRead ?? 0) + (cacheWrite5m ?? 0) + (cacheWrite1h ?? 0);

const known = (row: PricedRequest, price: Price): Known | null => {
  const { tokens, at, costUsd } = row;
  const prompt = promptOf(tokens);
  const model = row.upstreamModel ?? row.model;
  if (prompt === null || tokens.output === null || model === null) return null;
  const isPriced = costUsd !== null && price(model, tokens, at) !== null;
  return isPriced ? { row, prompt, output: tokens.output, model } : null;
};

/** USD per million tokens of each kind on that day, by the price of a thousand: long prompts may have other prices. */
const pricesOf = (model: string, price: Price, at: EpochMs): Record<string, number> => {
  const per = (tokens: Partial<TokenCounts>): number =>
    (price(model, { ...noTokens, input: 0, output: 0, ...tokens }, at) ?? 0) * 1000;
  return {
    input: per({ input: 1000 }),
    output: per({ output: 1000 }),
    write5m: per({ cacheWrite5m: 1000 }),
    write1h: per({ cacheWrite1h: 1000 }),
    read: per({ cacheRead: 1000 }),
  };
};

/** The conversation that this request goes on with: the longest that it can hold; null = one of its own. */
const chainOf = ({ chains }: Talk, { row, prompt }: Known): Chain | null => {
  const free = chains.filter(({ end }) => end <= row.at);
  const held = free.filter((chain) => chain.prompt <= prompt).toSorted((a, b) => b.prompt - a.prompt);
  // One that is shorter than the main conversation was follows a compaction.
  return held[0] ?? free.find(({ agent }) => agent === 0) ?? null;
};

/** Makes a trace of finished requests, in any order. */
export const historyTrace = (rows: Iterable<PricedRequest>, price: Price = priceOf): HistoryTrace => {
  const all = [...rows];
  const used = all.flatMap((row) => known(row, price) ?? []).toSorted((a, b) => a.row.at - b.row.at);
  const models = [...new Set(used.map(({ model }) => model))];
  const start = used[0]?.row.at ?? 0;
  const talks = new Map<string, Talk>();
  let tasks = 0;
  const requests = used.map((each, id) => {
    const { row, prompt, output, model } = each;
    // A script without a session asks once.
    const key = row.session === null ? `request ${id}` : `session ${row.session}`;
    const talk: Talk = talks.get(key) ?? { session: talks.size, task: -1, end: -Infinity, chains: [] };
    talks.set(key, talk);
    if (talk.task === -1 || row.at - talk.end > pauseMs) {
      talk.task = tasks;
      tasks += 1;
    }
    const before = chainOf(talk, each);
    // 1 is for side requests, which the history does not tell from others.
    const agent = before?.agent ?? (talk.chains.length === 0 ? 0 : talk.chains.length + 1);
    const epoch = before === null ? 0 : before.epoch + (prompt < before.prompt ? 1 : 0);
    const end = row.at + Math.max(1, Math.round(row.totalMs));
    const chain: Chain = { agent, epoch, prompt, id, end };
    talk.chains = [...talk.chains.filter((other) => other.agent !== agent), chain];
    talk.end = Math.max(talk.end, end);
    const after = before === null ? -1 : before.id;
    const gapMs = before === null ? 0 : row.at - before.end;
    const place = [row.at - start, talk.session, agent, talk.task, models.indexOf(model), 0, epoch];
    return [...place, prompt, output, end - row.at, after, gapMs];
  });
  const sum = (kind: 'cacheWrite5m' | 'cacheWrite1h'): number =>
    used.reduce((total, { row }) => total + (row.tokens[kind] ?? 0), 0);
  const trace = {
    format: 'ccr-trace/1',
    seed: 1,
    startAt: new Date(start).toISOString(),
    horizonMs: used.reduce((last, { row }) => Math.max(last, row.at - start + Math.ceil(row.totalMs) + 1), 0),
    cacheTtl: sum('cacheWrite1h') > sum('cacheWrite5m') ? '1h' : '5m',
    models,
    prices: Object.fromEntries(
      models.map((model) => [model, pricesOf(model, price, used.at(-1)?.row.at ?? asEpoch(0))]),
    ),
    sysTokens: [0],
    columns: 'at session agent task model sys epoch prompt output durMs after gapMs'.split(' '),
    requests,
  };
  return { trace, left: all.length - used.length };
};
