import {
  blockOf,
  cleared,
  freshRuntime,
  limitsSeen,
  nextChange,
  released,
  viewOf,
  type AccountRuntime,
} from '../balancer/account-state.ts';
import { afterVerdict } from '../balancer/after-verdict.ts';
import { clockSetBack, watchClock, type ClockWatch } from '../balancer/clock-watch.ts';
import { credentialTold } from '../balancer/credential.ts';
import type { LimitReading } from '../balancer/limits.ts';
import { asked, type Asking } from '../balancer/ramp.ts';
import { relented } from '../balancer/relent.ts';
import { usageSeen } from '../balancer/usage.ts';
import type { Verdict } from '../balancer/retry-policy.ts';
import type { Candidate } from '../balancer/strategies.ts';
import { loadSecret } from './load-secret.ts';
import type { Logins } from './logins.ts';
import { isSameHost, targetOf, type Target } from './target.ts';
import { isSameToken } from '../credentials/fingerprint.ts';
import type { SecretKeeper } from '../credentials/secret-keeper.ts';
import type { TokenStatus } from '../credentials/token-state.ts';
import type { Clock } from '../shared/clock.ts';
import type { Secret } from '../shared/secret.ts';
import type { AccountId, AccountRecord, AccountView, EpochMs, LimitWindow } from '../shared/types.ts';

type Entry = {
  record: AccountRecord;
  runtime: AccountRuntime;
  target: Target;
  /** null until its store has given it. */
  secret: Secret | null;
  /** The question to the store, while it is open. */
  asked: Promise<Secret | null> | null;
  /** When the account's state changes without an event. */
  wakeAt: number;
};

const notScheduled = Number.POSITIVE_INFINITY;
const unasked = { secret: null, asked: null };

export type PoolOptions = {
  keeper: Pick<SecretKeeper, 'get'>;
  logins: Pick<Logins, 'tokenOf'>;
  clock: Clock;
  /** Called after every change of an account's public state; `before` is null when its record or the time has made it. */
  onDirty(account: Candidate, before: AccountRuntime | null): void;
  /** How a process before this one has left an account; undefined when nothing is known of it. */
  recall?(account: AccountId, now: EpochMs): AccountRuntime | undefined;
  /** Called after every change of what is worth remembering. */
  onLearned?(): void;
};

/** How long a store that failed is left alone. */
const storeRetryMs = 30_000;

/** The accounts as the data plane sees them: records, what the traffic told of them, and their secrets. */
export class AccountPool {
  /** Requests that ask an account which failed last; while there is one, nobody else tries one in back-off. */
  probes = 0;
  readonly #options: PoolOptions;
  readonly #clockWatch: ClockWatch;
  readonly #entries = new Map<AccountId, Entry>();
  #candidates: readonly Entry[] = [];
  #askStoresAt = notScheduled;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#clockWatch = watchClock(options.clock);
  }

  /** Takes over the records of the settings; what is known of an account survives. Returns those that have gone. */
  replace(records: readonly AccountRecord[]): AccountId[] {
    const kept = new Set(records.map(({ id }) => id));
    const gone = [...this.#entries.keys()].filter((id) => !kept.has(id));
    for (const id of gone) this.#entries.delete(id);
    for (const record of records) {
      const before = this.#entries.get(record.id);
      const target = targetOf(record.baseUrl);
      const { runtime, wakeAt } = before ?? this.#newcomer(record.id);
      // A secret at hand, or on its way, was given for the host the account had: for another one it is looked at anew.
      const { secret, asked } = before && isSameHost(before.target, target) ? before : unasked;
      this.#entries.set(record.id, { record, runtime, target, secret, asked, wakeAt });
    }
    this.#candidates = [...this.#entries.values()];
    for (const entry of this.#candidates) this.#options.onDirty(entry, null);
    return gone;
  }

  #newcomer(id: AccountId): Pick<Entry, 'runtime' | 'wakeAt'> {
    const now = this.#options.clock.now();
    const runtime = this.#options.recall?.(id, now) ?? freshRuntime;
    return { runtime, wakeAt: nextChange(runtime, now) ?? notScheduled };
  }

  candidates(): readonly Candidate[] {
    return this.#candidates;
  }

  targetOf(id: AccountId): Target | null {
    return this.#entries.get(id)?.target ?? null;
  }

  /** The secret when it is at hand, as it is for all but the first request: waiting for it costs nothing then. */
  secretAtHand(id: AccountId): Secret | null {
    return this.#entries.get(id)?.secret ?? null;
  }

  /** The secret, or null when its store does not give it (the account is then in state `error`). Never rejects. */
  secretOf(id: AccountId): Promise<Secret | null> {
    const entry = this.#entries.get(id);
    if (!entry) return Promise.resolve(null);
    if (entry.secret !== null) return Promise.resolve(entry.secret);
    return (entry.asked ??= this.#ask(entry));
  }

  /** Reads every secret once, so that a locked store shows before the first request needs it. Those of logins come by themselves. */
  async loadSecrets(): Promise<void> {
    for (const [id, { record }] of this.#entries) if (record.kind !== 'login') await this.secretOf(id);
  }

  dispatched(id: AccountId, how: Asking = {}): void {
    const entry = this.#entries.get(id);
    if (entry) this.#set(entry, asked(entry.runtime, this.#options.clock.now(), how));
  }

  released(id: AccountId): void {
    const entry = this.#entries.get(id);
    if (entry) this.#set(entry, released(entry.runtime));
  }

  /** `served`: a model that it has served although it was limited; null of nothing of the kind. */
  limitsSeen(id: AccountId, limits: LimitReading, served: Parameters<typeof relented>[1] = null): void {
    const entry = this.#entries.get(id);
    if (entry) this.#change(entry, limitsSeen(relented(entry.runtime, served), limits));
  }

  /** Takes over what the usage endpoint has told. */
  usageSeen(id: AccountId, windows: readonly LimitWindow[]): void {
    const entry = this.#entries.get(id);
    if (entry) this.#change(entry, usageSeen(entry.runtime, windows));
  }

  judged(id: AccountId, verdict: Verdict, model: string | null): void {
    const entry = this.#entries.get(id);
    const parts = { all: this.#candidates, now: this.#options.clock.now() };
    if (entry) this.#change(entry, afterVerdict(entry, verdict, model, parts));
  }

  /** Forgets what answers and failures told of the account; a store that failed is asked again. As it is afterwards. */
  reset(id: AccountId): AccountView | null {
    const entry = this.#entries.get(id);
    if (entry) this.#change(entry, cleared(entry.runtime));
    if (entry && entry.runtime.credentialProblem !== null) void this.secretOf(id);
    return this.viewOf(id);
  }

  /** Its secret was stored anew, or taken away: the one at hand is out of date. */
  forgetSecret(id: AccountId): void {
    Object.assign(this.#entries.get(id) ?? {}, unasked);
    void this.secretOf(id);
  }

  recordOf(id: AccountId): AccountRecord | null {
    return this.#entries.get(id)?.record ?? null;
  }

  /** null for an account that was removed. */
  viewOf(id: AccountId): AccountView | null {
    const entry = this.#entries.get(id);
    return entry ? viewOf(entry.record, entry.runtime, this.#options.clock.now()) : null;
  }

  /** How many accounts can serve at this moment. */
  readyCount(): number {
    const now = this.#options.clock.now();
    return this.#candidates.filter(({ record, runtime }) => !blockOf(record, runtime, null, now)).length;
  }

  /** Tells of states that changed by time alone, and asks stores again that failed. Call it every second or so. */
  tick(): void {
    const back = this.#clockWatch.setBackBy();
    if (back > 0) this.#setBack(back);
    const now = this.#options.clock.now();
    for (const entry of this.#candidates) {
      if (entry.wakeAt > now) continue;
      entry.wakeAt = nextChange(entry.runtime, now) ?? notScheduled;
      this.#options.onDirty(entry, null);
    }
    if (now < this.#askStoresAt) return;
    this.#askStoresAt = notScheduled;
    for (const [id, { record, runtime }] of this.#entries) {
      if (runtime.credentialProblem !== null && record.kind !== 'login') void this.secretOf(id);
    }
  }

  /** The times that were written down are of a clock that is no more. */
  #setBack(ms: number): void {
    this.#askStoresAt -= ms;
    for (const entry of this.#entries.values()) this.#change(entry, clockSetBack(entry.runtime, ms));
  }

  /** Takes over what is known of an account now; when it was not only its counters that changed, see `#change`. */
  #set(entry: Entry, runtime: AccountRuntime): void {
    const before = entry.runtime;
    entry.runtime = runtime;
    this.#options.onDirty(entry, before);
  }

  #change(entry: Entry, runtime: AccountRuntime): void {
    if (runtime === entry.runtime) return;
    entry.wakeAt = nextChange(runtime, this.#options.clock.now()) ?? notScheduled;
    this.#set(entry, runtime);
    this.#options.onLearned?.();
  }

  /** Takes over what is known of the credential of an account: of a login whenever that changes. */
  credentialTold(id: AccountId, status: TokenStatus): void {
    const entry = this.#entries.get(id);
    if (entry) this.#told(entry, status);
  }

  #told(entry: Entry, { token, expiresAt, problem }: TokenStatus): void {
    const isNew = token !== null && !isSameToken(token, entry.secret);
    const renewing = token === null && problem === null;
    entry.secret = token;
    this.#change(entry, credentialTold(entry.runtime, { problem, expiresAt, renewing, isNew }));
    if (problem !== null) this.#askStoresAt = this.#options.clock.now() + storeRetryMs;
  }

  /** Reads the secret; one that could not be had is asked for again by whoever needs it next. */
  #ask({ record }: Entry): Promise<Secret | null> {
    const { id, kind } = record;
    const { keeper, logins } = this.#options;
    const status = kind === 'login' ? logins.tokenOf(id) : loadSecret(keeper, record);
    const asked = status.then((answer) => {
      // Looked up anew: a change of the record has put another entry in place of this one, with the same question
      // unless its host or its secret has changed. What was asked before that is an answer to nobody any more.
      const current = this.#entries.get(id);
      if (current?.asked !== asked) return this.secretOf(id);
      current.asked = null;
      this.#told(current, answer);
      return answer.token;
    });
    return asked;
  }
}
