import { setTimeout as delay } from 'node:timers/promises';
import type { Secret } from '../shared/secret.ts';
import { asEpoch, type AccountId, type AccountRecord, type EpochMs } from '../shared/types.ts';
import type { LoginStore } from './login-store.ts';
import type { RefreshEnd } from './refresh.ts';
import { dueAt, longestBackOffMs, pickDue, plausibleEnd, type DueToken } from './refresh-times.ts';
import { entryStatus, hasTurned, isSameLogin, newTokenEntry, type TokenEntry } from './token-entry.ts';
import { afterRefusal, isUsable, type TokenStatus } from './token-state.ts';
import { lookAgainMs, TokenWork, type TokenWorkOptions } from './token-work.ts';

export type TokensOptions = Omit<TokenWorkOptions, 'isThere' | 'isCurrent' | 'publish'> & {
  /** Where the tokens of an account lie. Touches nothing. */
  openStore(record: AccountRecord): LoginStore;
  /** Called after every change of what may be sent. */
  onChange(account: AccountId, status: TokenStatus): void;
  /** From 0 to 1. */
  random?(): number;
  /** How long somebody who needs a token waits for it. */
  patienceMs?: number;
};

const gone: TokenStatus = {
  token: null,
  expiresAt: null,
  problem: { state: 'error', reason: 'there is no such login any more', until: null },
};

/** The one door to the access tokens of logins, and to every renewal of one. Reads nothing before it has accounts. */
export class Tokens {
  readonly #options: TokensOptions;
  readonly #entries = new Map<AccountId, TokenEntry>();
  readonly #work: TokenWork;

  constructor(options: TokensOptions) {
    this.#options = options;
    this.#work = new TokenWork({
      ...options,
      isThere: (account) => this.#entries.has(account),
      isCurrent: (entry) => this.#entries.get(entry.record.id) === entry,
      publish: (entry) => this.#publish(entry),
    });
  }

  /** Takes over the accounts of kind `login`, paused ones too; what is known of one survives. */
  setAccounts(records: readonly AccountRecord[]): void {
    const { openStore, random = Math.random } = this.#options;
    const logins = records.filter(({ kind }) => kind === 'login');
    const kept = new Set(logins.map(({ id }) => id));
    for (const id of this.#entries.keys()) if (!kept.has(id)) this.#forget(id);
    for (const record of logins) {
      const known = this.#entries.get(record.id);
      if (known !== undefined && isSameLogin(known.record, record)) {
        known.record = record;
        continue;
      }
      this.#forget(record.id);
      const entry = newTokenEntry(record, openStore(record), random() * 2 - 1);
      // A renewed login that no store has yet must not go with the entry that knows of it.
      if (known?.record.baseUrl === record.baseUrl) entry.unstored = known.unstored;
      this.#entries.set(record.id, entry);
      this.#follow(entry);
      this.#work.load(entry);
    }
  }

  /** Its token, once it has one: waits for its store and for a renewal, 10 s at most. Never rejects. */
  async tokenOf(account: AccountId): Promise<TokenStatus> {
    const entry = this.#entries.get(account);
    return entry === undefined ? gone : this.#settled(entry);
  }

  /** The same after the provider refused that token: renewed, unless it is another one by now. */
  async replace(account: AccountId, refused: Secret): Promise<TokenStatus> {
    const entry = this.#entries.get(account);
    if (entry === undefined) return gone;
    const { renewedAt, state } = entry;
    entry.state = afterRefusal(state, refused, { now: this.#now(), renewedAt });
    if (entry.state !== state) this.#publish(entry);
    return this.#settled(entry);
  }

  /** Renews it now, because somebody wishes so. Never rejects. */
  async refresh(account: AccountId): Promise<RefreshEnd> {
    const entry = this.#entries.get(account);
    if (entry === undefined) return { kind: 'missing' };
    await entry.loading;
    return this.#work.renew(entry, true);
  }

  /** Its login was stored anew by somebody else, such as a new sign-in. */
  reload(account: AccountId): void {
    const entry = this.#entries.get(account);
    if (entry !== undefined) this.#loadAnew(entry);
  }

  /** A store that gave nothing does now: what is missing is asked for again. */
  storeOpened(): void {
    for (const entry of this.#entries.values()) if (entry.state.login === null) this.#loadAnew(entry);
  }

  /** Renews what is due by the wall clock, and looks again where something failed. Call it every second or so. */
  tick(): void {
    const now = this.#now();
    for (const entry of this.#entries.values()) {
      this.#keepPlausible(entry, now);
      this.#lookAgain(entry, now);
    }
    const { startedAt } = this.#work;
    const due = pickDue(this.#due(now), { now, room: this.#work.room(), startedAt });
    for (const { entry } of due) void this.#work.renew(entry);
  }

  /** Waits for the renewals under way, at most so long: what is on its way must reach its store. */
  async close(limitMs: number): Promise<void> {
    for (const entry of this.#entries.values()) entry.unwatch();
    const running = [...this.#entries.values()].flatMap((entry) => entry.running ?? []);
    await Promise.race([Promise.all(running), delay(limitMs, undefined, { ref: false })]);
  }

  #forget(account: AccountId): void {
    this.#entries.get(account)?.unwatch();
    this.#entries.delete(account);
  }

  /** What the Claude Code of a linked login writes is taken over when it is written, and not first when a token is refused. */
  #follow(entry: TokenEntry): void {
    const { watch } = entry.store;
    if (watch === undefined) return;
    entry.unwatch = watch(() => this.#loadAnew(entry));
  }

  /** A look that has begun may have come too early: another one follows it. */
  #loadAnew(entry: TokenEntry): void {
    if (entry.loading === null) this.#work.load(entry);
    else void entry.loading.then(() => this.#work.load(entry));
  }

  #now(): EpochMs {
    return this.#options.clock.now();
  }

  #publish(entry: TokenEntry): void {
    const { id } = entry.record;
    if (this.#entries.get(id) !== entry) return;
    entry.wasUsable = isUsable(entry.state, this.#now());
    this.#options.onChange(id, entryStatus(entry, this.#now()));
  }

  async #settled(entry: TokenEntry): Promise<TokenStatus> {
    if (entry.loading !== null) await this.#waitFor(entry.loading);
    const known = entryStatus(entry, this.#now());
    if (known.token !== null || entry.loading !== null) return known;
    if (known.problem !== null && entry.running === null) return known;
    await this.#waitFor(this.#work.renew(entry));
    return entryStatus(entry, this.#now());
  }

  async #waitFor(work: Promise<unknown>): Promise<void> {
    const { patienceMs = 10_000 } = this.#options;
    const over = new AbortController();
    const patience = delay(patienceMs, undefined, { ref: false, signal: over.signal });
    await Promise.race([work, patience]);
    over.abort();
  }

  /** A clock that was wrong, then or now, has no token live longer than it can, and no try wait for years. */
  #keepPlausible(entry: TokenEntry, now: EpochMs): void {
    const { login, retryAt } = entry.state;
    if (retryAt !== null && retryAt - now > longestBackOffMs) {
      entry.state = { ...entry.state, retryAt: asEpoch(now + longestBackOffMs) };
    }
    if (login?.expiresAt === null || login?.expiresAt === undefined) return;
    const expiresAt = plausibleEnd(login.expiresAt, entry.lifetimeMs, now);
    if (expiresAt !== login.expiresAt) entry.state = { ...entry.state, login: { ...login, expiresAt } };
  }

  #lookAgain(entry: TokenEntry, now: EpochMs): void {
    const { state } = entry;
    if (hasTurned(entry, now)) this.#publish(entry);
    if (entry.loading !== null || entry.running !== null) return;
    if (state.login === null) {
      if ((state.retryAt ?? now) <= now) this.#work.load(entry);
      return;
    }
    // The distance, not the order: a look must not be years away because somebody set the clock back.
    if (entry.lookAt > now && entry.lookAt - now <= lookAgainMs) return;
    entry.lookAt = asEpoch(now + lookAgainMs);
    if (entry.unstored !== null) this.#work.store(entry);
    else if (state.ended !== null) void this.#work.renew(entry);
  }

  /** Those that are not being renewed and may be, each with its times; one that cannot be used is due at once. */
  #due(now: EpochMs): ({ entry: TokenEntry } & DueToken)[] {
    const { refreshLeadMs } = this.#options.oauth();
    return [...this.#entries.values()].flatMap((entry) => {
      const { state, running, loading, jitter } = entry;
      const { login, ended, retryAt } = state;
      if (running !== null || loading !== null || login === null || ended !== null) return [];
      if (retryAt !== null && retryAt > now) return [];
      const isRetry = retryAt !== null;
      if (!isUsable(state, now)) return [{ entry, expiresAt: now, dueAt: now, isRetry }];
      const { expiresAt } = login;
      if (expiresAt === null) return [];
      return [{ entry, expiresAt, dueAt: dueAt(expiresAt, refreshLeadMs, jitter), isRetry }];
    });
  }
}
