import type { TokenCounts } from '../shared/types.ts';
import type { Trace, TraceRequest } from './trace.ts';

type Stored = { until: number; epoch: number; tokens: number };

/** How long an entry lives from its last use, in ms. */
export const lifeOf = ({ cacheTtl }: Pick<Trace, 'cacheTtl'>): number =>
  cacheTtl === '1h' ? 3_600_000 : 300_000;

/** The prompt cache of one account: what each chain said last, and the beginnings that chains share. */
export class PromptCache {
  readonly #trace: Pick<Trace, 'sysTokens'>;
  readonly #lifeMs: number;
  readonly #chains = new Map<string, Stored>();
  readonly #prefixes = new Map<number, number>();

  constructor(trace: Pick<Trace, 'sysTokens' | 'cacheTtl'>) {
    this.#trace = trace;
    this.#lifeMs = lifeOf(trace);
  }

  /** How many tokens of the prompt could be read from it. */
  readable({ chain, epoch, sys, prompt }: TraceRequest, now: number): number {
    const own = this.#chains.get(chain);
    let tokens = own !== undefined && own.until > now && own.epoch === epoch ? own.tokens : 0;
    if ((this.#prefixes.get(sys) ?? 0) > now) tokens = Math.max(tokens, this.#trace.sysTokens[sys] ?? 0);
    return Math.min(tokens, prompt);
  }

  store({ chain, epoch, sys, prompt }: TraceRequest, now: number): void {
    const until = now + this.#lifeMs;
    this.#chains.set(chain, { until, epoch, tokens: prompt });
    this.#prefixes.set(sys, until);
  }

  /** Whether anything of that chain still lives, of whatever epoch. */
  isWarm(chain: string, now: number): boolean {
    return (this.#chains.get(chain)?.until ?? 0) > now;
  }
}

export type Bill = {
  read: number;
  write: number;
  /** USD. */
  input: number;
  total: number;
};

/** What was done with the tokens of a request, as an answer would tell it. */
export const tokensOf = (
  { cacheTtl }: Pick<Trace, 'cacheTtl'>,
  { output }: Pick<TraceRequest, 'output'>,
  { read, write }: Bill,
): TokenCounts => ({
  input: 0,
  output,
  cacheRead: read,
  cacheWrite5m: cacheTtl === '5m' ? write : 0,
  cacheWrite1h: cacheTtl === '1h' ? write : 0,
});

/** What a request costs of which `read` tokens come from the cache. */
export const billOf = (trace: Trace, { model, prompt, output }: TraceRequest, read: number): Bill => {
  const price = trace.prices[model];
  if (price === undefined) return { read, write: prompt - read, input: 0, total: 0 };
  const write = prompt - read;
  const input = (read * price.read + write * (trace.cacheTtl === '1h' ? price.write1h : price.write5m)) / 1e6;
  return { read, write, input, total: input + (output * price.output) / 1e6 };
};

/** What each request costs on one account that is never limited and never left. */
export const nominalBills = (trace: Trace): Bill[] => {
  const cache = new PromptCache(trace);
  return trace.requests.map((request) => {
    const bill = billOf(trace, request, cache.readable(request, request.at));
    cache.store(request, request.at);
    return bill;
  });
};
