import type { Secret } from '../shared/secret.ts';
import { asEpoch, type AccountRecord, type CredentialProblem, type EpochMs } from '../shared/types.ts';
import { isSameToken } from './fingerprint.ts';
import { linkedFolder } from './linked-folder.ts';
import type { Login } from './login.ts';
import type { RefreshEnd } from './refresh.ts';
import { longestBackOffMs, refreshBackOffMs } from './refresh-times.ts';

export type Missing = { state: 'error' | 'needs-login'; reason: string };

/** What is known of one login. Immutable; `statusOf` says what it means. */
export type TokenState = {
  /** null until its store has given it. */
  login: Login | null;
  /** The access token that the provider refused; null when it refused none. */
  refused: Secret | null;
  /** Failed tries in a row to get or renew it, when the next one is, and why the last one failed. */
  failures: number;
  retryAt: EpochMs | null;
  reason: string | null;
  /** The refresh token with this fingerprint has ended: only signing in again helps. */
  ended: { fingerprint: string; reason: string } | null;
  /** Why its store does not give it; null when it does. */
  missing: Missing | null;
};

export const freshTokenState: TokenState = {
  login: null,
  refused: null,
  failures: 0,
  retryAt: null,
  reason: null,
  ended: null,
  missing: null,
};

export type TokenStatus = {
  /** What to send; null when there is nothing. */
  token: Secret | null;
  expiresAt: EpochMs | null;
  /** null when there is a token, or one is on its way. */
  problem: CredentialProblem | null;
};

/** What a person has to do when a login has ended. */
export const signInAgain = (record: Pick<AccountRecord, 'name' | 'login'>): string => {
  const folder = linkedFolder(record);
  return folder === null
    ? `sign in again: ccr-tui account login ${record.name}`
    : `sign in again with the Claude Code whose folder is ${folder}`;
};

/** That a store which answers has no login for the account: signed out, or removed by others. */
export const noLogin = (record: AccountRecord): Missing => {
  const advice = signInAgain(record);
  if (linkedFolder(record) !== null) {
    return { state: 'needs-login', reason: `Claude Code has no login there any more; ${advice}` };
  }
  // A locked one says the same as one that has lost it.
  return record.store === 'keychain'
    ? { state: 'error', reason: `the keychain does not give its login; unlock it, or ${advice}` }
    : { state: 'needs-login', reason: `its login is not in the ${record.store}; ${advice}` };
};

/** Whether its access token may be sent: it has not ended by our clock, and nobody has refused it. */
export const isUsable = ({ login, refused }: TokenState, now: EpochMs): boolean =>
  login !== null &&
  (login.expiresAt === null || login.expiresAt > now) &&
  !(refused !== null && isSameToken(login.accessToken, refused));

const problemOf = (record: AccountRecord, state: TokenState): CredentialProblem | null => {
  const { retryAt, reason, ended, missing } = state;
  if (missing !== null) return { ...missing, until: null };
  if (ended !== null) {
    const words = `its login has ended (${ended.reason}); ${signInAgain(record)}`;
    return { state: 'needs-login', reason: words, until: null };
  }
  if (retryAt === null) return null;
  const words = `its token cannot be used and was not renewed: ${reason ?? 'nobody knows why'}`;
  return { state: 'refreshing', reason: words, until: retryAt };
};

/** What the state means at that moment. Pure. */
export const statusOf = (record: AccountRecord, state: TokenState, now: EpochMs): TokenStatus => {
  const { login } = state;
  const expiresAt = login?.expiresAt ?? null;
  return login !== null && isUsable(state, now)
    ? { token: login.accessToken, expiresAt, problem: null }
    : { token: null, expiresAt, problem: problemOf(record, state) };
};

/** The state after its store was asked and did not give it. */
export const afterMissing = (state: TokenState, missing: Missing, now: EpochMs): TokenState => {
  const failures = state.failures + 1;
  return { ...state, missing, failures, retryAt: asEpoch(now + refreshBackOffMs(failures, null)) };
};

/** The state after a wish to renew a login that is there. Pure. */
export const afterRefresh = (
  state: TokenState,
  end: Exclude<RefreshEnd, { kind: 'missing' }>,
  now: EpochMs,
): TokenState => {
  switch (end.kind) {
    case 'found':
    case 'renewed':
      return { ...freshTokenState, login: end.login };
    case 'ended': {
      const { fingerprint, reason } = end;
      // What was said first says more than what is found at the next look.
      const known = state.ended?.fingerprint === fingerprint ? state.ended : { fingerprint, reason };
      return { ...state, ended: known, failures: 0, retryAt: null, reason: null, missing: null };
    }
    case 'later': {
      const failures = state.failures + 1;
      const retryAt = asEpoch(now + refreshBackOffMs(failures, end.retryAfterMs));
      return { ...state, failures, retryAt, reason: end.reason };
    }
  }
};

/** A token that is refused so soon is no sign of its end: asking for ever newer ones would not help. */
const newMs = 60_000;

/** The state after the provider refused that access token; `renewedAt` is when the login was renewed last. Pure. */
export const afterRefusal = (
  state: TokenState,
  refused: Secret,
  { now, renewedAt }: { now: EpochMs; renewedAt: EpochMs | null },
): TokenState => {
  if (state.login === null || !isSameToken(state.login.accessToken, refused)) return state;
  if (renewedAt === null || Math.abs(now - renewedAt) > newMs) return { ...state, refused };
  const reason = 'the provider refused it (401) right after it was renewed';
  return { ...state, refused, retryAt: asEpoch(now + longestBackOffMs), reason };
};
