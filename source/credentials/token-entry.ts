import { asEpoch, type AccountRecord, type EpochMs } from '../shared/types.ts';
import type { Spilled } from './emergency.ts';
import type { LoginStore } from './login-store.ts';
import type { RefreshEnd } from './refresh.ts';
import { freshTokenState, isUsable, statusOf, type TokenState, type TokenStatus } from './token-state.ts';

/** One login as the door to the tokens keeps it. */
export type TokenEntry = {
  record: AccountRecord;
  readonly store: LoginStore;
  state: TokenState;
  /** From -1 to 1: by how much of the spread it is renewed sooner or later than others. */
  readonly jitter: number;
  /** What its token lived at most when it was taken over: by our clock it cannot end later than that from now. */
  lifetimeMs: number;
  /** A login that its store has not taken yet. */
  unstored: Spilled | null;
  renewedAt: EpochMs | null;
  /** When something that failed is looked at again. */
  lookAt: EpochMs;
  /** What was told last. */
  wasUsable: boolean;
  loading: Promise<void> | null;
  running: Promise<RefreshEnd> | null;
  storing: boolean;
  /** Ends what looks for changes of its store by others. */
  unwatch(): void;
};

export const newTokenEntry = (record: AccountRecord, store: LoginStore, jitter: number): TokenEntry => ({
  record,
  store,
  state: freshTokenState,
  jitter,
  lifetimeMs: Number.POSITIVE_INFINITY,
  unstored: null,
  renewedAt: null,
  lookAt: asEpoch(0),
  wasUsable: false,
  loading: null,
  running: null,
  storing: false,
  unwatch: () => undefined,
});

/** Whether what is known of the login still holds for the record: it lies in the same place, and is for the same host. */
export const isSameLogin = (one: AccountRecord, other: AccountRecord): boolean =>
  one.store === other.store && one.baseUrl === other.baseUrl && one.login?.linkedTo === other.login?.linkedTo;

/** Takes over a login that was read or renewed; `replaces` as in `NewestLogin`. */
export const takeLogin = (
  entry: TokenEntry,
  { login, replaces }: Pick<Spilled, 'login'> & { replaces: string | null },
  now: EpochMs,
): void => {
  entry.lifetimeMs = login.expiresAt === null ? Number.POSITIVE_INFINITY : Math.max(0, login.expiresAt - now);
  entry.unstored = replaces === null ? null : { login, replaces };
};

export const entryStatus = (entry: TokenEntry, now: EpochMs): TokenStatus =>
  statusOf(entry.record, entry.state, now);

/** Whether there is a token to send by now, and there was none before, or the other way round. */
export const hasTurned = ({ state, wasUsable }: TokenEntry, now: EpochMs): boolean =>
  state.login !== null && isUsable(state, now) !== wasUsable;
