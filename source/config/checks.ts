import { isIP } from 'node:net';
import { CcrError } from '../shared/errors.ts';
import { sanitize } from '../shared/sanitize.ts';
import { asEpoch, type EpochMs } from '../shared/types.ts';

/** What is wrong with a part of a value, and what would be right; `at`: which part (`[2].input`), absent for all of it. */
export type Problem = { at?: string; what: string; fix: string };

/** A checked value, or what is wrong with it, and what else is. */
export type Checked<T> = { ok: true; value: T } | ({ ok: false; also?: readonly Problem[] } & Problem);

/** Everything that is wrong with the value of that key, as sentences. */
export const sentencesOf = (
  key: string,
  { also = [], ...first }: Problem & { also?: readonly Problem[] },
): string[] => [first, ...also].map(({ at = '', what, fix }) => `${key}${at}: ${what}; ${fix}`);

/** Checks a value of one type: from JSON, or from the text of a command line or an environment variable. */
export type Check<T> = {
  parse(value: unknown): Checked<T>;
  /** The value that text means. Text that means none comes back as it is, so that `parse` can name it. */
  fromText(text: string): unknown;
};

const secretShaped = /\b(?:sk|ccr)[-_][\w-]{6,}/g;

/** A wrong value as an error may show it: short, safe on a terminal, nothing that looks like a credential. */
export const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? typeof value;
  return sanitize(text.replaceAll(secretShaped, '…'), 60);
};

/** What is wrong with a value, and what would be right. */
export const wrong = (what: string, fix: string): { ok: false; what: string; fix: string } => ({
  ok: false,
  what,
  fix,
});

/** The error for a wrong value of that key: `usage`, with everything that is wrong. */
export const refusalOf = (key: string, wrongs: Problem & { also?: readonly Problem[] }): CcrError => {
  const { at = '', what, fix, also = [] } = wrongs;
  if (also.length === 0) return new CcrError('usage', `${key}${at}: ${what}`, { hint: fix });
  const problems = sentencesOf(key, wrongs);
  return new CcrError('usage', `${key} has ${problems.length} problems`, { problems });
};

/** A whole number from `min` to `max`. */
export const wholeNumber = (min: number, max: number): Check<number> => ({
  parse: (value) => {
    const fix = `use a whole number from ${min} to ${max}`;
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      return wrong(`${shown(value)} is not a whole number`, fix);
    }
    if (value < min || value > max) return wrong(`${value} is out of range`, fix);
    return { ok: true, value };
  },
  fromText: (text) => (/^-?\d{1,15}$/.test(text) ? Number(text) : text),
});

/** One of a few words. */
export const oneOf = <const Words extends readonly string[]>(words: Words): Check<Words[number]> => ({
  parse: (value) =>
    typeof value === 'string' && words.includes(value)
      ? { ok: true, value }
      : wrong(`${shown(value)} is not a choice`, `use ${words.join(', ')}`),
  fromText: (text) => text,
});

/** What the other check takes, or one word (or number) of its own meaning. */
export const orWord = <T, const Word extends string | number>(
  word: Word,
  check: Check<T>,
): Check<T | Word> => ({
  parse: (value) => {
    if (value === word) return { ok: true, value: word };
    const checked = check.parse(value);
    const or = word === '' ? 'leave it empty' : word;
    return checked.ok ? checked : { ...checked, fix: `${checked.fix}, or ${or}` };
  },
  fromText: (text) => (text === String(word) ? word : check.fromText(text)),
});

/** Yes or no. */
export const yesOrNo: Check<boolean> = {
  parse: (value) =>
    typeof value === 'boolean'
      ? { ok: true, value }
      : wrong(`${shown(value)} is not a yes or no`, 'use true, false'),
  fromText: (text) => (text === 'true' ? true : text === 'false' ? false : text),
};

const isoUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/;

/** A moment, as records keep it: ISO 8601 in UTC. */
export const parseTime = (value: unknown): Checked<EpochMs> => {
  const ms = typeof value === 'string' && isoUtc.test(value) ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(ms)) return { ok: true, value: asEpoch(ms) };
  return wrong(`${shown(value)} is not a time`, 'use UTC such as 2026-01-31T12:00:00.000Z');
};

/** An IP address, or `localhost`. */
export const address: Check<string> = {
  parse: (value) =>
    typeof value === 'string' && (value === 'localhost' || isIP(value) !== 0)
      ? { ok: true, value }
      : wrong(`${shown(value)} is not an IP address`, 'use an address such as 127.0.0.1 or ::1'),
  fromText: (text) => text,
};

const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/** A host as in a Host header: a name or an address (IPv6 in brackets), with or without port; stored in lower case. */
export const hostName: Check<string> = {
  parse: (value) => {
    const text = typeof value === 'string' ? value.toLowerCase() : '';
    if (isIP(text) === 6) return { ok: true, value: `[${text}]` };
    const [, host = '', port] = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
    const isName = host.length <= 253 && host.split('.').every((part) => label.test(part));
    const isHost = isName || (host.startsWith('[') && isIP(host.slice(1, -1)) === 6);
    if (isHost && Number(port ?? 0) <= 65_535) return { ok: true, value: text };
    return wrong(
      `${shown(value)} is not a host name`,
      'use names such as dev.local, without scheme and path',
    );
  },
  fromText: (text) => text,
};

/** A web origin exactly as browsers send it. */
export const webOrigin: Check<string> = {
  parse: (value) => {
    if (typeof value === 'string' && /^https?:\/\//i.test(value)) {
      const url = URL.parse(value);
      if (url !== null && (value.toLowerCase() === url.origin || value.toLowerCase() === `${url.origin}/`)) {
        return { ok: true, value: url.origin };
      }
    }
    return wrong(`${shown(value)} is not a web origin`, 'use origins such as https://app.example');
  },
  fromText: (text) => text,
};

const maxItems = 100;

/** A list without duplicates; on a command line separated by commas, empty text for an empty list. */
export const listOf = <T>(item: Check<T>): Check<readonly T[]> => ({
  parse: (value) => {
    if (!Array.isArray(value)) return wrong(`${shown(value)} is not a list`, 'use a list of texts');
    if (value.length > maxItems) return wrong(`has ${value.length} entries`, `use at most ${maxItems}`);
    const items = new Set<T>();
    for (const entry of value as unknown[]) {
      const checked = item.parse(entry);
      if (!checked.ok) return checked;
      items.add(checked.value);
    }
    return { ok: true, value: [...items] };
  },
  fromText: (text) => (text.trim() === '' ? [] : text.split(',').map((part) => item.fromText(part.trim()))),
});
