import {
  blockOf,
  dispatched,
  freshRuntime,
  judged,
  limitsSeen,
  nextChange,
  released,
  viewOf,
  type AccountRuntime,
} from '../balancer/account-state.ts';
import { clockSetBack, watchClock, type ClockWatch } from '../balancer/clock-watch.ts';
import type { LimitReading } from '../balancer/limits.ts';
import type { Verdict } from '../balancer/retry-policy.ts';
import type { Candidate } from '../balancer/strategies.ts';
import { targetOf, type Target } from './target.ts';
import { secretFor } from '../credentials/bound-secret.ts';
import type { SecretKeeper } from '../credentials/secret-keeper.ts';
import type { Clock } from '../shared/clock.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { Secret } from '../shared/secret.ts';
import type { AccountId, AccountRecord, AccountView, SecretStoreName } from '../shared/types.ts';

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
const newcomer = { runtime: freshRuntime, wakeAt: notScheduled };

const isSameHost = (one: Target, other: Target): boolean =>
  one.secure === other.secure && one.host === other.host;

export type PoolOptions = {
  keeper: Pick<SecretKeeper, 'get'>;
  clock: Clock;
  /** Called after every change of an account's public state. */
  onDirty(account: AccountId): void;
};

// A locked Secret Service whose prompt nobody answers says "no such item", as if the secret had never been there: whoever
// removes the account then loses a secret that was only locked (gnome-keyring 42.1, measured 2026-11).
const missingSecret = (store: SecretStoreName): string =>
  store === 'keychain'
    ? 'the keychain does not give its secret; unlock the keychain, or if the secret is gone, remove the account and add it again'
    : `its secret is not in the ${store}; remove the account and add it again`;

const movedAway = (boundTo: string, baseUrl: string): string =>
  sanitize(
    `its key was given for ${boundTo} and is not sent to ${new URL(baseUrl).origin}; put the base URL back, or remove the account and add it again`,
    400,
  );

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
      const { runtime, wakeAt } = before ?? newcomer;
      // A secret at hand, or on its way, was given for the host the account had: for another one it is looked at anew.
      const { secret, asked } = before && isSameHost(before.target, target) ? before : unasked;
      this.#entries.set(record.id, { record, runtime, target, secret, asked, wakeAt });
      this.#options.onDirty(record.id);
    }
    this.#candidates = [...this.#entries.values()];
    return gone;
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

  /** Reads every secret once, so that a locked store shows before the first request needs it. */
  async loadSecrets(): Promise<void> {
    for (const id of this.#entries.keys()) await this.secretOf(id);
  }

  dispatched(id: AccountId): void {
    const entry = this.#entries.get(id);
    if (entry) this.#set(entry, dispatched(entry.runtime, this.#options.clock.now()));
  }

  released(id: AccountId): void {
    const entry = this.#entries.get(id);
    if (entry) this.#set(entry, released(entry.runtime));
  }

  limitsSeen(id: AccountId, limits: LimitReading): void {
    const entry = this.#entries.get(id);
    if (entry) this.#change(entry, limitsSeen(entry.runtime, limits));
  }

  judged(id: AccountId, verdict: Verdict, model: string | null): void {
    const entry = this.#entries.get(id);
    if (entry) this.#change(entry, judged(entry.runtime, verdict, model, this.#options.clock.now()));
  }

  /** null for an account that was removed. */
  viewOf(id: AccountId): AccountView | null {
    const entry = this.#entries.get(id);
    return entry ? viewOf(entry.record, entry.runtime, this.#options.clock.now()) : null;
  }

  /** How many accounts can serve at this moment. */
  readyCount(): number {
    const now = this.#options.clock.now();
    return this.candidates().filter(({ record, runtime }) => blockOf(record, runtime, null, now) === null)
      .length;
  }

  /** Tells of states that changed by time alone, and asks stores again that failed. Call it every second or so. */
  tick(): void {
    const back = this.#clockWatch.setBackBy();
    if (back > 0) this.#setBack(back);
    const now = this.#options.clock.now();
    for (const [id, entry] of this.#entries) {
      if (entry.wakeAt > now) continue;
      entry.wakeAt = nextChange(entry.runtime, now) ?? notScheduled;
      this.#options.onDirty(id);
    }
    if (now < this.#askStoresAt) return;
    this.#askStoresAt = notScheduled;
    for (const [id, { runtime }] of this.#entries) {
      if (runtime.credentialProblem !== null) void this.secretOf(id);
    }
  }

  /** The times that were written down are of a clock that is no more. */
  #setBack(ms: number): void {
    this.#askStoresAt -= ms;
    for (const entry of this.#entries.values()) this.#change(entry, clockSetBack(entry.runtime, ms));
  }

  /** Takes over what is known of an account now; when it was not only its counters that changed, see `#change`. */
  #set(entry: Entry, runtime: AccountRuntime): void {
    entry.runtime = runtime;
    this.#options.onDirty(entry.record.id);
  }

  #change(entry: Entry, runtime: AccountRuntime): void {
    if (runtime === entry.runtime) return;
    entry.wakeAt = nextChange(runtime, this.#options.clock.now()) ?? notScheduled;
    this.#set(entry, runtime);
  }

  /** Reads the secret; one that could not be had is asked for again by whoever needs it next. */
  #ask({ record }: Entry): Promise<Secret | null> {
    const { id } = record;
    const asked = this.#load(record).then((answer) => {
      // Looked up anew: a change of the record has put another entry in place of this one, with the same question
      // unless its host has changed. What was asked for one host is no answer for another.
      const current = this.#entries.get(id);
      if (current?.asked !== asked) return null;
      const problem = typeof answer === 'string' ? answer : null;
      const secret = typeof answer === 'string' ? null : answer;
      current.secret = secret;
      current.asked = null;
      if (current.runtime.credentialProblem !== problem) {
        this.#change(current, { ...current.runtime, credentialProblem: problem });
      }
      if (problem !== null) this.#askStoresAt = this.#options.clock.now() + storeRetryMs;
      return secret;
    });
    return asked;
  }

  /** The secret, or in words why there is none that may be sent. */
  async #load({ id, store, baseUrl }: AccountRecord): Promise<Secret | string> {
    try {
      const entry = await this.#options.keeper.get(id, store);
      if (entry === null) return missingSecret(store);
      const found = secretFor(entry, baseUrl);
      return found.ok ? found.secret : movedAway(found.boundTo, baseUrl);
    } catch (error) {
      return error instanceof Error ? error.message : 'its secret store does not answer';
    }
  }
}
