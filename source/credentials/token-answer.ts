import { isRecord } from '../shared/is-record.ts';
import type { Secret } from '../shared/secret.ts';
import { asEpoch, type EpochMs } from '../shared/types.ts';
import { parseLogin, type Login } from './login.ts';

/** What an answer of the token endpoint means for a login. */
export type TokenVerdict =
  | { kind: 'granted'; login: Login }
  /** The refresh token is no more: only its owner can sign in again. `code` is the provider's own word. */
  | { kind: 'ended'; code: string }
  /** Nothing is decided; try again. */
  | { kind: 'later'; reason: string; retryAfterMs: number | null };

export type TokenAnswer = { status: number; body: string; retryAfter: string | null };

/** The only words that end a login. Whatever else comes may be the fault of somebody on the way. */
const endings: ReadonlySet<string> = new Set([
  'invalid_grant',
  'invalid_refresh_token',
  'refresh_token_reused',
]);

/** The JSON object in the body of an answer; null for anything else. */
export const documentIn = (body: string): Record<string, unknown> | null => {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
};

/** `error` as OAuth has it (a word), or as Anthropic's own errors do (an object that names its type). */
const endingOf = (document: Record<string, unknown> | null): string | null => {
  const { error } = document ?? {};
  const named = isRecord(error) ? [error['type'], error['code'], error['error']] : [error];
  return named.find((word): word is string => typeof word === 'string' && endings.has(word)) ?? null;
};

/** What a token lives when nobody says, or says something that cannot be. */
const standardSeconds = 3600;
const longestSeconds = 366 * 86_400;

const secondsOf = (value: unknown): number => {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof seconds === 'number' && seconds > 0 && seconds <= longestSeconds ? seconds : standardSeconds;
};

/** The login that a grant gives; what it does not say stays as it was before. null when it holds no access token. */
const loginOf = (document: Record<string, unknown>, before: Login | null, now: EpochMs): Login | null => {
  const given = parseLogin({
    accessToken: document['access_token'],
    refreshToken: document['refresh_token'],
  });
  if (given === null) return null;
  const { scope } = document;
  return {
    accessToken: given.accessToken,
    refreshToken: given.refreshToken ?? before?.refreshToken ?? null,
    expiresAt: asEpoch(Math.round(now + secondsOf(document['expires_in']) * 1000)),
    scopes: typeof scope === 'string' && scope !== '' ? scope.split(/\s+/) : (before?.scopes ?? []),
  };
};

const longestWaitMs = 5 * 60_000;

const retryAfterMs = (text: string | null): number | null =>
  text !== null && /^\d{1,9}$/.test(text.trim()) ? Math.min(Number(text) * 1000, longestWaitMs) : null;

/**
 * Reads an answer to a grant of tokens; `before` is the login that asked, null when it is the first one. Pure. Nothing of the
 * body is in a reason.
 */
export const judgeTokenAnswer = (
  { status, body, retryAfter }: TokenAnswer,
  before: Login | null,
  now: EpochMs,
): TokenVerdict => {
  const document = documentIn(body);
  if (status >= 200 && status < 300) {
    const login = document === null ? null : loginOf(document, before, now);
    if (login !== null) return { kind: 'granted', login };
    return {
      kind: 'later',
      reason: `the answer of the token endpoint (${status}) holds no token`,
      retryAfterMs: null,
    };
  }
  const code = status >= 400 && status < 500 && status !== 429 ? endingOf(document) : null;
  if (code !== null) return { kind: 'ended', code };
  return {
    kind: 'later',
    reason: `the token endpoint answered ${status}`,
    retryAfterMs: retryAfterMs(retryAfter),
  };
};

/** Fields of the request that renews a login. */
export const refreshFields = (refreshToken: Secret, clientId: string): Record<string, string> => ({
  grant_type: 'refresh_token',
  refresh_token: refreshToken.reveal(),
  client_id: clientId,
});
