import {
  dispatched,
  freshRuntime,
  judged,
  limitsSeen,
  released,
  type AccountRuntime,
} from '../balancer/account-state.ts';
import { choose, type Choice } from '../balancer/choose.ts';
import { readLimits, type LimitReading } from '../balancer/limits.ts';
import { judge, mayTryAgain, type VerdictKind } from '../balancer/retry-policy.ts';
import { createHeadroom } from '../balancer/headroom.ts';
import { createSessions } from '../balancer/sessions.ts';
import { placeOf } from '../balancer/warmth.ts';
import { workAhead, workOf } from '../balancer/work.ts';
import {
  asDuration,
  asEpoch,
  type AccountId,
  type AccountRecord,
  type EpochMs,
  type StrategyName,
} from '../shared/types.ts';
import type { World } from './accounts.ts';
import { recordOf } from './account-record.ts';
import { EventQueue, type Timed } from './event-queue.ts';
import type { Outcome, Served } from './outcome.ts';
import { lifeOf, tokensOf, type Bill } from './prompt-cache.ts';
import { Provider, type AnswerHeaders } from './provider.ts';
import type { Trace, TraceRequest } from './trace.ts';

export type Replay = {
  /** One for each request. */
  outcomes: readonly Outcome[];
  /** What each served request cost, by its id. */
  bills: ReadonlyMap<number, Bill>;
  providers: readonly Provider[];
};

export type ReplayOptions = {
  strategy: StrategyName;
  /** Longest time that a request may wait for an account, in ms. */
  holdMs: number;
  /** 0 up to 1. */
  random(): number;
  /** Hears what each answer told of its account's limits. */
  onLimits?(account: string, limits: LimitReading, at: EpochMs): void;
};

/** How long after a reset a held request tries: clocks differ by so much. */
const afterReset = 20;

type Entry = { record: AccountRecord; runtime: AccountRuntime; provider: Provider };

type Waiting = {
  request: TraceRequest;
  /** When it arrived. */
  arrival: number;
  verdicts: VerdictKind[];
  tried: Set<AccountId>;
  attempts: Served['attempts'];
};

type Happening = Timed & { run(now: number): void };

/** In the same millisecond: use from elsewhere, then what became known, then requests by their id. */
const orders = { external: -2, news: -1 } as const;

/**
 * Lets a trace happen once more, over these accounts, with the balancer of the proxy and a clock of its own. Pure but for
 * `random`: the same trace, world and strategy give the same outcomes.
 */
export const replay = (trace: Trace, world: World, options: ReplayOptions): Replay =>
  new Run(trace, world, options).finish();

class Run {
  readonly #trace: Trace;
  readonly #world: World;
  readonly #options: ReplayOptions;
  readonly #queue = new EventQueue<Happening>();
  readonly #entries: Entry[];
  readonly #sessions = createSessions();
  readonly #headroom = createHeadroom();
  readonly #outcomes = new Map<number, Outcome>();
  readonly #bills = new Map<number, Bill>();
  readonly #ended = new Set<number>();
  /** Who comes after a request. */
  readonly #followers = new Map<number, TraceRequest[]>();

  constructor(trace: Trace, world: World, options: ReplayOptions) {
    this.#trace = trace;
    this.#world = world;
    this.#options = options;
    this.#entries = world.accounts.map((account) => ({
      record: recordOf(account),
      runtime: freshRuntime,
      provider: new Provider(account, trace),
    }));
    for (const { provider } of this.#entries) {
      for (const [at, usd] of provider.account.external) {
        this.#queue.push({ at, order: orders.external, run: (now) => provider.external(usd, now) });
      }
    }
    for (const request of trace.requests) {
      if (request.after === -1) this.#arrive(request, request.at);
      else {
        const followers = this.#followers.get(request.after) ?? [];
        followers.push(request);
        this.#followers.set(request.after, followers);
      }
    }
  }

  finish(): Replay {
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) next.run(next.at);
    for (const { provider } of this.#entries) provider.advance(this.#trace.horizonMs);
    const outcomes = this.#trace.requests.map(
      ({ id }): Outcome => this.#outcomes.get(id) ?? { id, outcome: 'cancelled' },
    );
    return { outcomes, bills: this.#bills, providers: this.#entries.map(({ provider }) => provider) };
  }

  #arrive(request: TraceRequest, at: number, arrival = at): void {
    const waiting: Waiting = { request, arrival, verdicts: [], tried: new Set(), attempts: [] };
    this.#try(waiting, at);
  }

  #try(waiting: Waiting, at: number): void {
    this.#queue.push({ at, order: waiting.request.id, run: (now) => this.#attempt(waiting, now) });
  }

  #epoch(now: number): EpochMs {
    return asEpoch(this.#trace.startAt + now);
  }

  #choose({ request, tried }: Waiting, now: number): Choice {
    const { chain, sys, model } = request;
    const name = this.#trace.models[model] ?? null;
    const at = this.#epoch(now);
    const life = asDuration(lifeOf(this.#trace));
    return choose(
      this.#entries,
      {
        model: name,
        session: true,
        ...placeOf(this.#sessions.homeOf(chain), () => life, at),
        knowsPrefix: (account) => this.#sessions.knowsPrefix(`${model} ${sys}`, account, life, at),
        roomOf: (candidate) => this.#headroom.roomOf(candidate, name, at),
        need: () => workAhead(name, request.prompt, life),
        lottery: this.#options.random(),
        tried,
        fromClaudeCode: true,
        mayProbe: false,
      },
      this.#options.strategy,
      at,
    );
  }

  #attempt(waiting: Waiting, now: number): void {
    const { request, attempts } = waiting;
    if (this.#ended.has(request.task))
      return this.#settle(request, { id: request.id, outcome: 'cancelled' }, now);
    const choice = this.#choose(waiting, now);
    if (choice.kind === 'none') return this.#wait(waiting, choice.availableAt, now);
    const entry = this.#entries.find(({ record }) => record === choice.candidate.record);
    if (entry === undefined) return;
    const { id, name } = entry.record;
    entry.runtime = dispatched(entry.runtime, this.#epoch(now));
    const refusal = entry.provider.refusal(request, now);
    if (refusal === null) return this.#serve(waiting, entry, now);
    attempts.push({ account: name, at: now });
    waiting.verdicts.push(this.#learn(entry, request, { status: 429, headers: refusal }, now));
    waiting.tried.add(id);
    entry.runtime = released(entry.runtime);
    const next = now + this.#world.policy.failoverMs;
    if (mayTryAgain(waiting.verdicts, true)) this.#try(waiting, next);
    else this.#refuse(waiting, next);
  }

  #serve({ request, attempts }: Waiting, entry: Entry, now: number): void {
    const { provider, record } = entry;
    const bill = provider.serve(request, now);
    this.#bills.set(request.id, bill);
    const model = this.#trace.models[request.model] ?? null;
    this.#headroom.spent(record.id, model, workOf(model, tokensOf(this.#trace, request, bill)));
    const headers = provider.headers(request.model);
    const told = now + Math.min(this.#world.policy.firstByteMs, request.durMs);
    this.#later(told, (at) => {
      this.#learn(entry, request, { status: 200, headers }, at);
      const prefix = `${request.model} ${request.sys}`;
      this.#sessions.served(request.chain, { account: record.id, at: this.#epoch(at), prefix });
    });
    this.#later(now + request.durMs, () => {
      entry.runtime = released(entry.runtime);
    });
    this.#settle(
      request,
      { id: request.id, outcome: 'served', account: record.name, at: now, attempts },
      now,
    );
  }

  #later(at: number, run: (now: number) => void): void {
    this.#queue.push({ at, order: orders.news, run });
  }

  /** What an answer teaches, as the proxy would learn it. */
  #learn(
    entry: Entry,
    { model }: TraceRequest,
    { status, headers }: { status: number; headers: AnswerHeaders },
    now: number,
  ): VerdictKind {
    const at = this.#epoch(now);
    const limits = readLimits(headers, at);
    this.#options.onLimits?.(entry.record.name, limits, at);
    const verdict = judge(status, limits, at);
    this.#headroom.told(entry.record.id, limits.windows);
    entry.runtime = judged(limitsSeen(entry.runtime, limits), verdict, this.#trace.models[model] ?? null, at);
    return verdict.kind;
  }

  /** Holds the request until somebody can serve it, or refuses it at once when that is too far off. */
  #wait(waiting: Waiting, availableAt: EpochMs | null, now: number): void {
    const { holdMs } = this.#options;
    const at =
      availableAt === null ? Number.POSITIVE_INFINITY : availableAt - this.#trace.startAt + afterReset;
    if (at > waiting.arrival + holdMs) return this.#refuse(waiting, now);
    waiting.tried.clear();
    waiting.verdicts.length = 0;
    this.#try(waiting, Math.max(at, now + 1));
  }

  #refuse({ request, attempts }: Waiting, now: number): void {
    this.#ended.add(request.task);
    this.#settle(request, { id: request.id, outcome: 'refused', at: now, attempts }, now);
  }

  /** Writes down what became of a request, and lets those come that waited for it. */
  #settle(request: TraceRequest, outcome: Outcome, now: number): void {
    this.#outcomes.set(request.id, outcome);
    const end = outcome.outcome === 'served' ? outcome.at + request.durMs : null;
    for (const follower of this.#followers.get(request.id) ?? []) {
      const arrival = end === null ? follower.at : Math.max(follower.at, end + follower.gapMs);
      this.#arrive(follower, Math.max(arrival, now), arrival);
    }
  }
}
