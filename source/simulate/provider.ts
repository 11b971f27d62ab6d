import type { WorldAccount, WorldWindow } from './accounts.ts';
import { billOf, PromptCache, type Bill } from './prompt-cache.ts';
import type { Trace, TraceRequest } from './trace.ts';

type Standing = { window: WorldWindow; used: number; /** null = closed. */ end: number | null };

/** What a provider says with an answer: the names of its headers, in lower case, and what they hold. */
export type AnswerHeaders = Record<string, string>;

/** Told of quota that a reset takes away unused. */
export type Expired = { at: number; lengthMs: number; leftUsd: number };

const second = 1000;

/** One account as its provider keeps it: windows, buckets and prompt cache. Times in ms from the start of the trace. */
export class Provider {
  readonly account: WorldAccount;
  readonly cache: PromptCache;
  readonly expired: Expired[] = [];
  readonly #trace: Trace;
  readonly #standings: Standing[];
  #input: number;
  #output: number;
  #filledAt = 0;

  constructor(account: WorldAccount, trace: Trace) {
    this.account = account;
    this.cache = new PromptCache(trace);
    this.#trace = trace;
    this.#standings = account.windows.map((window) => ({
      window,
      used: window.usedUsd,
      end: window.kind === 'fixed' ? window.resetAtMs : null,
    }));
    this.#input = account.inputTokensPerMin;
    this.#output = account.outputTokensPerMin;
  }

  /** Lets the windows whose time has come begin anew. */
  advance(now: number): void {
    for (const standing of this.#standings) {
      const { window } = standing;
      while (standing.end !== null && now >= standing.end) {
        if (window.kind === 'fixed' && window.models === null) this.#expire(standing, standing.end);
        standing.used = 0;
        standing.end = window.kind === 'fixed' ? standing.end + window.lengthMs : null;
      }
    }
    const minutes = Math.max(0, now - this.#filledAt) / 60_000;
    const { inputTokensPerMin, outputTokensPerMin } = this.account;
    this.#input = Math.min(inputTokensPerMin, this.#input + minutes * inputTokensPerMin);
    this.#output = Math.min(outputTokensPerMin, this.#output + minutes * outputTokensPerMin);
    this.#filledAt = Math.max(this.#filledAt, now);
  }

  /** The headers of a 429, if that is what the request gets; null when it is served. */
  refusal(request: TraceRequest, now: number): AnswerHeaders | null {
    this.advance(now);
    const applying = this.#applying(request.model);
    if (applying.some(({ used, window, end }) => end !== null && used >= window.capacityUsd)) {
      return { 'anthropic-ratelimit-unified-status': 'rejected', ...this.headers(request.model) };
    }
    if (this.account.kind !== 'api') return null;
    const need = Math.min(this.account.inputTokensPerMin, request.prompt - this.cache.readable(request, now));
    const missing = Math.max((need - this.#input) / this.account.inputTokensPerMin, 0);
    if (missing === 0 && this.#output > 0) return null;
    const empty = this.#output > 0 ? 0 : (1 - this.#output) / this.account.outputTokensPerMin;
    return { 'retry-after': String(Math.max(1, Math.ceil(Math.max(missing, empty) * 60))) };
  }

  /** Charges a request that is not refused, and returns what it costs. */
  serve(request: TraceRequest, now: number): Bill {
    const bill = billOf(this.#trace, request, this.cache.readable(request, now));
    this.#input -= bill.write;
    this.#output -= request.output;
    this.#charge(this.#applying(request.model), bill.total, now);
    this.cache.store(request, now);
    return bill;
  }

  /** Use from elsewhere; it is refused while an unscoped window is spent. */
  external(usd: number, now: number): void {
    this.advance(now);
    const applying = this.#standings.filter(({ window }) => window.models === null);
    if (applying.some(({ used, window, end }) => end !== null && used >= window.capacityUsd)) return;
    this.#charge(applying, usd, now);
  }

  /** What an answer tells of the windows that apply to the model and are open. Empty for `api` accounts. */
  headers(model: number): AnswerHeaders {
    const headers: AnswerHeaders = {};
    for (const { window, used, end } of this.#applying(model)) {
      if (end === null) continue;
      const name = `anthropic-ratelimit-unified-${window.id}`;
      const share = used / window.capacityUsd;
      headers[`${name}-utilization`] = (Math.floor(share * 100) / 100).toFixed(2);
      headers[`${name}-status`] = share >= 1 ? 'rejected' : 'allowed';
      headers[`${name}-reset`] = String(Math.ceil((this.#trace.startAt + end) / second));
    }
    return headers;
  }

  #applying(model: number): Standing[] {
    const name = this.#trace.models[model] ?? '';
    return this.#standings.filter(({ window: { models } }) => models === null || models.includes(name));
  }

  #charge(standings: readonly Standing[], usd: number, now: number): void {
    for (const standing of standings) {
      standing.end ??= Math.ceil((now + standing.window.lengthMs) / second) * second;
      standing.used += usd;
    }
  }

  #expire({ window, used }: Standing, at: number): void {
    if (at > this.#trace.horizonMs) return;
    this.expired.push({ at, lengthMs: window.lengthMs, leftUsd: Math.max(0, window.capacityUsd - used) });
  }
}
