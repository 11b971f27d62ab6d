import { keyPattern, keyPrefix } from '../shared/client-key.ts';

// What a client shows as its key, read off the head of its request.

export type Shown =
  | { kind: 'none' }
  /** A text that is meant as a key; the same one in both headers is one. */
  | { kind: 'key'; text: string }
  /** Something that can be no key here: what it is, and whether a key of ours is part of it. */
  | { kind: 'unfit'; what: string; ours: boolean };

const isOurs = (text: string): boolean => text.startsWith(keyPrefix);

/** The header as a key; null for one in another scheme. */
const bearer = (value: string): string | null => /^bearer +(\S+) *$/i.exec(value)?.[1] ?? null;

const none: Shown = { kind: 'none' };
const inAddress = { kind: 'unfit', what: 'a key in the address', ours: true } as const;
const keyInQuery = new RegExp(keyPattern.source.replace(/^\^|\$$/g, ''));

/** `text` is the first of the texts meant as a key, `others` whether another one differs, `ours` whether one is of ours. */
type Seen = { text: string | null; others: boolean; ours: boolean; otherScheme: boolean };

/** What is meant as a key, wherever and however often it stands. Keeps no list: whoever sends thousands shall gain nothing. */
const seenIn = (rawHeaders: readonly string[]): Seen => {
  const seen: Seen = { text: null, others: false, ours: false, otherScheme: false };
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const length = rawHeaders[i]?.length;
    // Nearly every header is ruled out by this.
    if (length !== 13 && length !== 9) continue;
    const name = rawHeaders[i]?.toLowerCase();
    if (name !== 'authorization' && name !== 'x-api-key') continue;
    const value = rawHeaders[i + 1] ?? '';
    const found = name === 'authorization' ? bearer(value) : value.trim();
    if (found === '') continue;
    if (found === null) seen.otherScheme = true;
    else {
      seen.text ??= found;
      seen.others ||= found !== seen.text;
      seen.ours ||= isOurs(found);
    }
  }
  return seen;
};

/**
 * Looks at `Authorization: Bearer` and `x-api-key`. A key of ours in the query is seen, too: it would go on to the
 * provider and into logs. Pure.
 */
export const credentialShown = (rawHeaders: readonly string[], target: string): Shown => {
  if (target.includes(keyPrefix) && keyInQuery.test(target)) return inAddress;
  const { text, others, ours, otherScheme } = seenIn(rawHeaders);
  if (others || (otherScheme && text !== null)) {
    return { kind: 'unfit', what: 'two different credentials', ours };
  }
  if (otherScheme) return { kind: 'unfit', what: 'credentials of another scheme than Bearer', ours: false };
  return text === null ? none : { kind: 'key', text };
};
