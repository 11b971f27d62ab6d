import type { Clock } from '../shared/clock.ts';
import { CcrError } from '../shared/errors.ts';
import { asEpoch, type AccountId, type AccountRecord, type EpochMs } from '../shared/types.ts';
import type { Emergency } from './emergency.ts';
import { fingerprintOf } from './fingerprint.ts';
import { limitWork } from './limit-work.ts';
import { readNewest, storeAgain } from './newest-login.ts';
import { refreshLogin, type RefreshEnd } from './refresh.ts';
import type { RefreshJournal } from './refresh-journal.ts';
import { takeLogin, type TokenEntry } from './token-entry.ts';
import type { PostToken } from './token-request.ts';
import { afterMissing, afterRefresh, noLogin, signInAgain } from './token-state.ts';

/** What a person may want to know of a login. */
export type TokenNews =
  | { kind: 'renewed'; record: AccountRecord; expiresAt: EpochMs | null }
  /** `failures` in a row; `retryAt` null: nothing is tried any more, its owner has to sign in again. */
  | { kind: 'failed'; record: AccountRecord; reason: string; failures: number; retryAt: EpochMs | null }
  /** Its store did not take the renewed login. `spilled`: the emergency file did. */
  | { kind: 'unstored'; record: AccountRecord; reason: string; spilled: boolean }
  | { kind: 'stored'; record: AccountRecord };

export type TokenWorkOptions = {
  emergency: Emergency;
  journal: RefreshJournal;
  post: PostToken;
  clock: Pick<Clock, 'now'>;
  oauth(): { tokenUrl: string; clientId: string; refreshLeadMs: number };
  onNews(news: TokenNews): void;
  /** Whether there still is such an account. What is renewed of one that has gone is not stored again. */
  isThere(account: AccountId): boolean;
  /** Whether the account has this entry, and not a newer one. */
  isCurrent(entry: TokenEntry): boolean;
  /** Called when what may be sent can have changed. */
  publish(entry: TokenEntry): void;
};

const mostAtOnce = 2;

/** Between two looks at a login that has ended, or that its store did not take. */
export const lookAgainMs = 30_000;

/** What takes time with one login: reading it from its store, renewing it, and storing it after all. Each at most once at a time. */
export class TokenWork {
  readonly #options: TokenWorkOptions;
  readonly #limit = limitWork(mostAtOnce);
  /** Stores are asked one after the other: a keychain answers no faster when it is asked twice. */
  #reading: Promise<void> = Promise.resolve();
  /** When the newest renewal began. */
  startedAt: EpochMs | null = null;

  constructor(options: TokenWorkOptions) {
    this.#options = options;
  }

  /** How many more renewals would begin at once. */
  room(): number {
    return this.#limit.room();
  }

  load(entry: TokenEntry): void {
    if (entry.loading !== null) return;
    const loading = this.#reading.then(async () => {
      const { isCurrent, publish } = this.#options;
      if (!isCurrent(entry)) return;
      await this.#read(entry);
      entry.loading = null;
      this.#recover(entry);
      publish(entry);
    });
    entry.loading = loading;
    this.#reading = loading;
  }

  /** Never rejects. `isForced`: also when somebody else has renewed it meanwhile, or it has ended. */
  renew(entry: TokenEntry, isForced = false): Promise<RefreshEnd> {
    entry.running ??= this.#limit
      .run(() => this.#renew(entry, isForced))
      .finally(() => {
        entry.running = null;
        this.#options.publish(entry);
      });
    return entry.running;
  }

  store(entry: TokenEntry): void {
    const { record, store, unstored } = entry;
    if (unstored === null || entry.storing) return;
    const { emergency, isCurrent, isThere, onNews } = this.#options;
    entry.storing = true;
    const stored = (): void => {
      if (entry.unstored === unstored) entry.unstored = null;
      if (isCurrent(entry)) onNews({ kind: 'stored', record });
    };
    void storeAgain(record.id, { store, emergency }, unstored, () => isThere(record.id))
      // It is tried again at the next look.
      .then(stored, () => undefined)
      .finally(() => {
        entry.storing = false;
      });
  }

  async #renew(entry: TokenEntry, isForced: boolean): Promise<RefreshEnd> {
    const { record, store, state, unstored } = entry;
    const { clock, isCurrent, isThere } = this.#options;
    this.startedAt = clock.now();
    const end = await refreshLogin(
      { ...this.#options, account: record.id, store },
      {
        replace: isForced ? null : (state.login?.accessToken ?? null),
        ended: isForced ? null : (state.ended?.fingerprint ?? null),
        unstored,
        isWanted: () => isThere(record.id),
      },
    );
    if (isCurrent(entry)) this.#apply(entry, end);
    return end;
  }

  #apply(entry: TokenEntry, end: RefreshEnd): void {
    const { clock, onNews } = this.#options;
    const now = clock.now();
    const { record, state: before } = entry;
    entry.state =
      end.kind === 'missing' ? afterMissing(before, noLogin(record), now) : afterRefresh(before, end, now);
    entry.lookAt = asEpoch(now + lookAgainMs);
    if (end.kind === 'found') return takeLogin(entry, end, now);
    if (end.kind === 'renewed') {
      const { login, unstored } = end;
      takeLogin(entry, { login, replaces: unstored?.replaces ?? null }, now);
      entry.renewedAt = now;
      onNews({ kind: 'renewed', record, expiresAt: login.expiresAt });
      if (unstored !== null) onNews({ kind: 'unstored', record, ...unstored });
      return;
    }
    // Said once: every look after that finds the same.
    if (end.kind === 'ended' && before.ended !== null) return;
    const reason = end.kind === 'missing' ? 'there is no login in its store' : end.reason;
    const advice = end.kind === 'later' ? '' : `; ${signInAgain(record)}`;
    const { failures, retryAt } = entry.state;
    onNews({ kind: 'failed', record, reason: reason + advice, failures, retryAt });
  }

  async #read(entry: TokenEntry): Promise<void> {
    const { record, store } = entry;
    const { clock, emergency } = this.#options;
    try {
      const newest = await readNewest(record.id, { store, emergency }, entry.unstored);
      const now = clock.now();
      if (newest === null) {
        entry.state = afterMissing(entry.state, noLogin(record), now);
        return;
      }
      entry.state = afterRefresh(entry.state, { kind: 'found', ...newest }, now);
      takeLogin(entry, newest, now);
      if (newest.replaces === null) await emergency.clear(record.id).catch(() => undefined);
    } catch (error) {
      const reason = error instanceof CcrError ? error.message : 'its secret store does not answer';
      entry.state = afterMissing(entry.state, { state: 'error', reason }, clock.now());
    }
  }

  /** What a crash has left of a renewal: the token that it was asked with is tried once, whatever else is due. */
  #recover(entry: TokenEntry): void {
    const { journal } = this.#options;
    const { record, state } = entry;
    const pending = state.login === null ? null : journal.pending(record.id);
    if (pending === null) return;
    const refreshToken = state.login?.refreshToken ?? null;
    const isOpen = refreshToken !== null && (pending === '' || pending === fingerprintOf(refreshToken));
    if (isOpen) void this.renew(entry);
    else void journal.end(record.id);
  }
}
