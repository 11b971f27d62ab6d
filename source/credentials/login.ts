import { isRecord } from '../shared/is-record.ts';
import { Secret } from '../shared/secret.ts';
import { asEpoch, type EpochMs } from '../shared/types.ts';

/** The credential of a Claude login. */
export type Login = {
  accessToken: Secret;
  /** null when there is none: the login ends with its access token. */
  refreshToken: Secret | null;
  /** When the access token ends; null when nobody said. */
  expiresAt: EpochMs | null;
  scopes: readonly string[];
};

const token = /^[\x21-\x7e]{8,4000}$/;

const readToken = (value: unknown): Secret | null =>
  typeof value === 'string' && token.test(value) ? new Secret(value) : null;

const readTime = (value: unknown): EpochMs | null =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? asEpoch(Math.round(value)) : null;

/**
 * The login in a parsed document: `{accessToken, refreshToken, expiresAt (ms), scopes}` as we store it, or a whole
 * credentials file of Claude Code, of which only `claudeAiOauth` is looked at. null when there is no access token in it.
 */
export const parseLogin = (document: unknown): Login | null => {
  if (!isRecord(document)) return null;
  const { claudeAiOauth } = document;
  const entry = isRecord(claudeAiOauth) ? claudeAiOauth : document;
  const accessToken = readToken(entry['accessToken']);
  if (accessToken === null) return null;
  const { scopes } = entry;
  return {
    accessToken,
    refreshToken: readToken(entry['refreshToken']),
    expiresAt: readTime(entry['expiresAt']),
    scopes: Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === 'string') : [],
  };
};

/** The text that stores keep of a login; `parseLogin` reads it again. */
export const loginText = ({ accessToken, refreshToken, expiresAt, scopes }: Login): Secret =>
  new Secret(
    JSON.stringify({
      accessToken: accessToken.reveal(),
      ...(refreshToken && { refreshToken: refreshToken.reveal() }),
      ...(expiresAt !== null && { expiresAt }),
      ...(scopes.length > 0 && { scopes }),
    }),
  );

/** `parseLogin` of text; null for text that is no JSON, too. */
export const loginFromText = (text: string): Login | null => {
  try {
    return parseLogin(JSON.parse(text));
  } catch {
    return null;
  }
};
