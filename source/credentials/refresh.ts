import type { Clock } from '../shared/clock.ts';
import { CcrError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import { systemCode } from '../shared/system-code.ts';
import type { AccountId } from '../shared/types.ts';
import type { Emergency, Spilled } from './emergency.ts';
import { fingerprintOf, isSameToken } from './fingerprint.ts';
import type { Login } from './login.ts';
import type { LoginStore } from './login-store.ts';
import { readNewest, type NewestLogin } from './newest-login.ts';
import type { RefreshJournal } from './refresh-journal.ts';
import { judgeTokenAnswer, refreshFields, type TokenVerdict } from './token-answer.ts';
import type { PostToken } from './token-request.ts';

/** What came of a wish to renew a login. */
export type RefreshEnd =
  /** Somebody else has renewed it: nobody was asked. */
  | ({ kind: 'found' } & NewestLogin)
  | { kind: 'renewed'; login: Login; unstored: Unstored | null }
  /** The provider will not renew it any more; `fingerprint` is of the token that has ended. */
  | { kind: 'ended'; reason: string; fingerprint: string }
  /** Nothing has changed. */
  | { kind: 'later'; reason: string; retryAfterMs: number | null }
  /** There is no login in its store. */
  | { kind: 'missing' };

/** Why the store did not take a login, and whether the emergency file did; else it lies in memory alone. */
export type Unstored = { replaces: string; reason: string; spilled: boolean };

export type RefreshParts = {
  account: AccountId;
  store: LoginStore;
  emergency: Emergency;
  journal: RefreshJournal;
  post: PostToken;
  clock: Pick<Clock, 'now'>;
  oauth(): { tokenUrl: string; clientId: string };
};

export type RefreshWish = {
  /** The access token that is to be replaced: another one in the store was renewed by others, and is taken as it is. */
  replace: Secret | null;
  /** Fingerprint of a refresh token that is known to have ended: it is not tried again. */
  ended: string | null;
  /** A login that its store has not taken yet. */
  unstored: Spilled | null;
  /** Whether the account is still there; a login of one that has gone is not stored again. */
  isWanted(): boolean;
};

const later = (reason: string, retryAfterMs: number | null = null): RefreshEnd => ({
  kind: 'later',
  reason,
  retryAfterMs,
});

const reasonOf = (error: unknown): string =>
  error instanceof CcrError ? error.message : `its store failed (${systemCode(error)})`;

/** Longer between looking at the store and asking the provider means that the machine slept: others may have come first. */
const longestLookMs = 3000;
/** How often it is looked anew, under a lock that is taken anew: who slept is awake by then, and who is only slow gets on. */
const looks = 3;

/**
 * Renews a login so that no crash can lose it: alone among all processes, from what the store has by now, noted in the journal
 * before the provider is asked, stored and read back before it is used. Never rejects.
 */
export const refreshLogin = async (parts: RefreshParts, wish: RefreshWish): Promise<RefreshEnd> => {
  try {
    for (let look = 1; look <= looks; look += 1) {
      const end = await parts.store.exclusively(() => underLock(parts, wish));
      if (end !== 'slept') return end;
    }
    return later('the machine was busy');
  } catch (error) {
    return later(reasonOf(error));
  }
};

const isFound = (login: Login, { replace }: RefreshWish): boolean =>
  replace !== null && !isSameToken(login.accessToken, replace);

const underLock = async (parts: RefreshParts, wish: RefreshWish): Promise<RefreshEnd | 'slept'> => {
  const { account, journal, clock } = parts;
  const lookedAt = clock.now();
  const newest = await readNewest(account, parts, wish.unstored);
  if (newest === null) return { kind: 'missing' };
  const { login } = newest;
  if (isFound(login, wish)) return { kind: 'found', ...newest };
  const { refreshToken } = login;
  if (refreshToken === null) return { kind: 'ended', reason: 'it cannot be renewed', fingerprint: '' };
  const fingerprint = fingerprintOf(refreshToken);
  if (fingerprint === wish.ended) return { kind: 'ended', reason: 'it has ended', fingerprint };
  const interrupted = journal.pending(account) === fingerprint;
  const began = await journal.begin(account, fingerprint, clock.now()).then(
    () => null,
    (error: unknown) => later(`the journal of refreshes cannot be written (${systemCode(error)})`),
  );
  if (began !== null) return began;
  if (Math.abs(clock.now() - lookedAt) > longestLookMs) {
    if (!interrupted) await journal.end(account);
    return 'slept';
  }
  const asked = { ...newest, refreshToken, fingerprint, interrupted };
  return await askFor(parts, wish, asked);
};

type Asked = NewestLogin & { refreshToken: Secret; fingerprint: string; interrupted: boolean };

const askFor = async (parts: RefreshParts, wish: RefreshWish, asked: Asked): Promise<RefreshEnd> => {
  const { account, journal } = parts;
  const { verdict, isLost } = await askTwice(parts, asked);
  if (verdict.kind === 'granted') {
    const end = await keep(parts, wish, asked, verdict.login);
    // Stored or spilled; what lies in memory alone would be gone after a crash, and then the entry explains it.
    if (end.kind !== 'renewed' || end.unstored?.spilled !== false) await journal.end(account);
    return end;
  }
  if (verdict.kind === 'later') {
    // An answer that nobody has seen, to this refresh or to one before it, may have renewed the login all the same.
    if (!isLost && !asked.interrupted) await journal.end(account);
    return later(verdict.reason, verdict.retryAfterMs);
  }
  const changed = await changedMeanwhile(parts, asked, wish.unstored);
  await journal.end(account);
  if (changed !== null) return changed;
  const { fingerprint, interrupted } = asked;
  const why = isLost
    ? `an answer got lost, and now the provider says ${verdict.code}`
    : interrupted
      ? `an earlier refresh was cut off before its answer was stored, and now the provider says ${verdict.code}`
      : `the provider says ${verdict.code}`;
  return { kind: 'ended', reason: why, fingerprint };
};

/** Asks, and once more with the same token when the answer got lost: it may not have been carried out. */
const askTwice = async (
  parts: RefreshParts,
  asked: Asked,
): Promise<{ verdict: TokenVerdict; isLost: boolean }> => {
  const first = await ask(parts, asked);
  if (first !== 'lost') return { verdict: first, isLost: false };
  const second = await ask(parts, asked);
  if (second !== 'lost') return { verdict: second, isLost: second.kind !== 'granted' };
  const reason = 'the token endpoint gave no answer, twice';
  return { verdict: { kind: 'later', reason, retryAfterMs: null }, isLost: true };
};

const ask = async (
  { post, oauth, clock }: RefreshParts,
  { refreshToken, login }: Asked,
): Promise<TokenVerdict | 'lost'> => {
  const { tokenUrl, clientId } = oauth();
  const reply = await post(tokenUrl, refreshFields(refreshToken, clientId));
  if (reply.kind === 'lost') return 'lost';
  if (reply.kind === 'unsent') return { kind: 'later', reason: reply.reason, retryAfterMs: null };
  return judgeTokenAnswer(reply, login, clock.now());
};

/** The login of the store when it is another one than was asked with: somebody signed in, or renewed it past our lock. */
const changedMeanwhile = async (
  parts: RefreshParts,
  { refreshToken }: Pick<Asked, 'refreshToken'>,
  unstored: Spilled | null,
): Promise<RefreshEnd | null> => {
  const newest = await readNewest(parts.account, parts, unstored).catch(() => null);
  if (newest === null || newest.login.refreshToken === null) return null;
  return isSameToken(newest.login.refreshToken, refreshToken) ? null : { kind: 'found', ...newest };
};

const keep = async (
  parts: RefreshParts,
  { isWanted, unstored }: RefreshWish,
  asked: Asked,
  login: Login,
): Promise<RefreshEnd> => {
  const { account, store, emergency } = parts;
  if (!isWanted()) return { kind: 'missing' };
  const changed = await changedMeanwhile(parts, asked, unstored);
  if (changed !== null) return changed;
  const replaces = asked.replaces ?? asked.fingerprint;
  try {
    await store.write(login);
  } catch (error) {
    // The store of another program takes nothing over what that program has put there since.
    if (error instanceof CcrError && error.code === 'login_changed') {
      return (await changedMeanwhile(parts, asked, unstored)) ?? { kind: 'missing' };
    }
    const spilled = await emergency.write(account, { login, replaces }).then(
      () => true,
      () => false,
    );
    return { kind: 'renewed', login, unstored: { replaces, reason: reasonOf(error), spilled } };
  }
  if (asked.replaces !== null) await emergency.clear(account).catch(() => undefined);
  return { kind: 'renewed', login, unstored: null };
};
