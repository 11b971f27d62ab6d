import { Secret } from '../shared/secret.ts';

// What is stored of an account's secret is `ORIGIN SECRET`. Whoever can write the settings file but not the keychain (a
// program that "helps" with settings, a synchronised folder, a slip of the hand) could else send the secret anywhere by
// changing a base URL. An origin holds no space, so the first one ends it; a secret may hold some.

const bound = /^(https?:\/\/[^\s/]+) (.+)$/s;

/** The entry to store: the secret with the origin it was given for. */
export const bindSecret = (secret: Secret, baseUrl: string): Secret =>
  new Secret(`${new URL(baseUrl).origin} ${secret.reveal()}`);

/** The entry with another secret in it, for the same origin if it has one. */
export const withSecret = (entry: Secret, secret: Secret): Secret => {
  const [, origin] = bound.exec(entry.reveal()) ?? [];
  return origin === undefined ? secret : new Secret(`${origin} ${secret.reveal()}`);
};

/** What an entry holds, wherever it may go. */
export const secretIn = (entry: Secret): Secret => {
  const [, , text] = bound.exec(entry.reveal()) ?? [];
  return text === undefined ? entry : new Secret(text);
};

export type SecretForUrl = { ok: true; secret: Secret } | { ok: false; boundTo: string };

/** The secret in an entry, if it may go to that base URL. An entry without an origin may go anywhere. */
export const secretFor = (entry: Secret, baseUrl: string): SecretForUrl => {
  const [, origin, text] = bound.exec(entry.reveal()) ?? [];
  if (origin === undefined || text === undefined) return { ok: true, secret: entry };
  return origin === new URL(baseUrl).origin
    ? { ok: true, secret: new Secret(text) }
    : { ok: false, boundTo: origin };
};
