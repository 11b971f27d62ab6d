import { CcrError } from '../shared/errors.ts';
import { isRecord } from '../shared/is-record.ts';
import { Secret } from '../shared/secret.ts';
import { loginText, parseLogin } from './login.ts';

const wantedLogin =
  'wanted {"accessToken":"…","refreshToken":"…","expiresAt":ms} or a whole credentials file of Claude Code';
const wantedToken = 'wanted the one line that claude setup-token prints: sk-ant-oat01-…';

const refuse = (what: string, hint: string): CcrError => new CcrError('bad_secret', what, { hint });

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** What begins as a credential of Anthropic, but as another one than that place is for. */
const isMisplaced = (token: Secret, kind: 'oat' | 'ort'): boolean =>
  token.reveal().startsWith('sk-ant-') && !token.reveal().startsWith(`sk-ant-${kind}`);

/** A time so small can only be one in seconds: as milliseconds it lies before 2001. */
const leastMs = 1_000_000_000_000;

/**
 * The login as it is stored, if the text is one that can be kept alive: JSON with both tokens. What else stands in a
 * credentials file of Claude Code is left out. Throws `bad_secret` with the shape that is wanted, and nothing of the text.
 */
export const checkLogin = (text: string): Secret => {
  if (text.startsWith('sk-ant-')) {
    const isToken = text.startsWith('sk-ant-oat');
    throw refuse(
      'this is one token and not a login',
      isToken ? `${wantedLogin}; a token alone is of --kind setup-token` : wantedLogin,
    );
  }
  const document = parsed(text);
  if (!isRecord(document)) throw refuse('this is not the JSON of a login', wantedLogin);
  const login = parseLogin(document);
  if (login === null) throw refuse('there is no access token in it', wantedLogin);
  const { accessToken, refreshToken, expiresAt } = login;
  if (isMisplaced(accessToken, 'oat'))
    throw refuse('its access token is none', `${wantedLogin}; sk-ant-oat…`);
  if (refreshToken === null || isMisplaced(refreshToken, 'ort')) {
    throw refuse(
      'there is no refresh token in it, so it would end within hours',
      `${wantedLogin}; a long-lived token is of --kind setup-token`,
    );
  }
  if (expiresAt !== null && expiresAt < leastMs) {
    throw refuse('its expiresAt is not in milliseconds', wantedLogin);
  }
  return loginText(login);
};

const setupToken = /^sk-ant-oat[\x21-\x7e]{4,1980}$/;

/** The token, if it is one of `claude setup-token`. Throws `bad_secret` with the shape that is wanted, and nothing of the text. */
export const checkSetupToken = (text: string): Secret => {
  if (setupToken.test(text)) return new Secret(text);
  if (text.startsWith('{'))
    throw refuse('this is a whole login', `${wantedToken}; a login is of --kind login`);
  throw refuse('this is not a token of claude setup-token', wantedToken);
};
