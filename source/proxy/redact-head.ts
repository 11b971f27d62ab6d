import { maskShapes, maskWords, placeholder } from '../shared/redact.ts';
import type { CapturedHeaders } from '../shared/capture.ts';

/** Headers and parameters whose value is a credential by their name: whatever it is, it is not kept. */
const secretName =
  /auth|cookie|secret|passw|passphrase|credential|signature|session[-_]?key|api[-_]?key|access[-_]?key|token$|(?:^|[-_])(?:key|sig|code)$/i;

/** One that only says what is to be done. */
const harmless = /^(?:idempotency-key|sec-websocket-key)$/i;

export const namesSecret = (name: string): boolean => secretName.test(name) && !harmless.test(name);

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
};

/** Within a text, as in `referer` and `location`: who asks (`//name:password@host`), and each parameter. */
const whoAsks = /(?<=\/\/)[^/?#@\s]+(?=@)/g;
const parameter = /(?<=[?&#])([^?&#=\s]+)=([^&#\s]+)/g;

const withoutParameters = (text: string): string =>
  text
    .replace(whoAsks, placeholder)
    .replace(parameter, (whole, name: string) =>
      namesSecret(decoded(name)) ? `${name}=${placeholder}` : whole,
    );

/** A text of a head without secrets: of `wordsOf`, of known shapes, and what an address within it has of them. */
const masked = (text: string, words: readonly string[]): string =>
  maskShapes(maskWords(withoutParameters(text), words, true), true);

/** A raw list of node's (name, value, name, value, …) as it may be kept. */
export const redactHeaders = (raw: readonly string[], words: readonly string[]): CapturedHeaders => {
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = masked(raw[i] ?? '', words);
    headers.push([name, namesSecret(name) ? placeholder : masked(raw[i + 1] ?? '', words)]);
  }
  return headers;
};

const redactParameter = (parameter: string, words: readonly string[]): string => {
  const at = parameter.indexOf('=');
  const name = masked(at === -1 ? parameter : parameter.slice(0, at), words);
  if (at === -1) return name;
  const value = parameter.slice(at + 1);
  const plain = decoded(value);
  const isSecret = namesSecret(decoded(name)) || masked(plain, words) !== plain;
  return `${name}=${isSecret ? placeholder : masked(value, words)}`;
};

/** The target of a request, path and query, as it may be kept. */
export const redactTarget = (target: string, words: readonly string[]): string => {
  const at = target.indexOf('?');
  if (at === -1) return masked(target, words);
  const parameters = target.slice(at + 1).split('&');
  return `${masked(target.slice(0, at), words)}?${parameters.map((each) => redactParameter(each, words)).join('&')}`;
};

/** The credentials that a client has shown: in headers, and in the parameters of its target. */
export function* shownCredentials(raw: readonly string[], target: string): Generator<string> {
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const value = raw[i + 1] ?? '';
    if (!namesSecret(raw[i] ?? '')) continue;
    yield value;
    yield value.replace(/^\S+\s+/, '');
  }
  for (const [, name = '', value = ''] of target.matchAll(parameter)) {
    if (!namesSecret(decoded(name))) continue;
    yield value;
    yield decoded(value);
  }
}
