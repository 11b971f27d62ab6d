import { keyKinds, nameWithoutKey, type ClientKeyRecord, type KeyLimits } from '../shared/client-key.ts';
import { isRecord } from '../shared/is-record.ts';
import { isoTime } from '../shared/iso-time.ts';
import { secretStores } from '../shared/types.ts';
import { sanitize } from '../shared/sanitize.ts';
import { parseName } from './account-record.ts';
import { oneOf, parseTime, shown, wholeNumber, wrong, type Check, type Checked } from './checks.ts';
import { modelPattern, someOf } from './model-pattern.ts';
import { nearest } from './nearest.ts';

// The records of keys in config.json: strict, and no problem ever quotes a hash.

/** A key's name, held to the same letters as an account's. */
export const parseKeyName = (value: unknown): Checked<string> => {
  if (value === nameWithoutKey) {
    return wrong(`${nameWithoutKey} stands for everybody without a key`, 'choose another name');
  }
  const checked = parseName(value);
  return checked.ok ? checked : { ...checked, what: checked.what.replace('an account name', 'a key name') };
};

const positive = (what: string): Check<number> => ({
  parse: (value) =>
    typeof value === 'number' && value > 0 && value <= 1e9
      ? { ok: true, value }
      : wrong(`${shown(value)} is not ${what}`, 'use a number above 0'),
  fromText: (text) => (/^\d{1,9}(?:\.\d{1,6})?$/.test(text) ? Number(text) : text),
});

/** How each limit is read, from JSON or from the text of a command line. */
export const limitChecks = {
  requestsPerMinute: wholeNumber(1, 1_000_000),
  concurrent: wholeNumber(1, 4096),
  dailyUsd: positive('an amount of money'),
  dailyTokens: wholeNumber(1, 1e12),
  models: someOf(modelPattern),
  accounts: someOf({ parse: parseName, fromText: (text: string) => text }),
  holdMs: wholeNumber(0, 240_000),
} satisfies Partial<Record<keyof KeyLimits, Check<unknown>>>;

type Parse<T> = (value: unknown) => Checked<T>;

const orNull =
  <T>(parse: Parse<T>): Parse<T | null> =>
  (value) =>
    value === null ? { ok: true, value: null } : parse(value);

const again = 'revoke the key and make another';

const parseId: Parse<string> = (value) =>
  typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value)
    ? { ok: true, value }
    : wrong(`${shown(value)} is not the id of a key`, again);

/** 32 bytes; never shown. */
const parseHash: Parse<string> = (value) =>
  typeof value === 'string' && /^[A-Za-z0-9+/]{43}=$/.test(value)
    ? { ok: true, value }
    : wrong('is not the hash of a key', again);

type Fields<T> = { [Field in keyof T]: { parse: Parse<T[Field]>; absent?: T[Field] } };
type Found<T> = { value: T | null; problems: string[] };

/** An object with these fields and no others; each problem names its place. */
const parseFields = <T>(value: unknown, at: string, what: string, fields: Fields<T>): Found<T> => {
  if (!isRecord(value))
    return { value: null, problems: [`${at}: ${shown(value)} is not ${what}; remove it`] };
  const names = Object.keys(fields);
  const problems = Object.keys(value)
    .filter((key) => !Object.hasOwn(fields, key))
    .map((key) => {
      const near = nearest(key, names);
      return `${at}.${sanitize(key, 60)}: is not known; ${near === null ? 'remove it' : `did you mean ${near}?`}`;
    });
  const parsed: Record<string, unknown> = {};
  for (const [key, { parse, absent }] of Object.entries<{ parse: Parse<unknown>; absent?: unknown }>(
    fields,
  )) {
    const given = Object.hasOwn(value, key);
    if (!given && absent === undefined) problems.push(`${at}.${key}: is missing; ${again}`);
    const checked = given ? parse(value[key]) : ({ ok: true, value: absent } as const);
    if (checked.ok) parsed[key] = checked.value;
    else problems.push(`${at}.${key}: ${checked.what}; ${checked.fix}`);
  }
  return { value: problems.length === 0 ? (parsed as T) : null, problems };
};

const optional = <T>(check: Check<T>) => ({ parse: orNull((value) => check.parse(value)), absent: null });

const limitFields: Fields<KeyLimits> = {
  requestsPerMinute: optional(limitChecks.requestsPerMinute),
  concurrent: optional(limitChecks.concurrent),
  dailyUsd: optional(limitChecks.dailyUsd),
  dailyTokens: optional(limitChecks.dailyTokens),
  models: optional(limitChecks.models),
  accounts: optional(limitChecks.accounts),
  holdMs: optional(limitChecks.holdMs),
  expiresAt: { parse: orNull(parseTime), absent: null },
};

type Nested = Pick<ClientKeyRecord, 'limits' | 'previous' | 'process'>;

const plainFields: Fields<Omit<ClientKeyRecord, keyof Nested>> = {
  id: { parse: parseId },
  name: { parse: parseKeyName },
  kind: { parse: (value) => oneOf(keyKinds).parse(value) },
  hash: { parse: parseHash },
  store: { parse: (value) => oneOf(secretStores).parse(value) },
  createdAt: { parse: parseTime },
  lastUsedAt: { parse: orNull(parseTime), absent: null },
  revokedAt: { parse: orNull(parseTime), absent: null },
};

const previousFields: Fields<NonNullable<ClientKeyRecord['previous']>> = {
  hash: { parse: parseHash },
  until: { parse: parseTime },
};

const processFields: Fields<NonNullable<ClientKeyRecord['process']>> = {
  pid: { parse: (value) => wholeNumber(1, 2 ** 31 - 1).parse(value) },
  birth: {
    parse: orNull((value) =>
      typeof value === 'string' && value.length <= 200
        ? { ok: true, value }
        : wrong(`${shown(value)} is not the birth of a process`, again),
    ),
  },
};

const nested = <T>(value: unknown, at: string, what: string, fields: Fields<T>): Found<T> =>
  value === undefined || value === null
    ? { value: null, problems: [] }
    : parseFields(value, at, what, fields);

const parseRecord = (value: unknown, at: string): Found<ClientKeyRecord> => {
  if (!isRecord(value)) return parseFields<never>(value, at, 'a key', {} as Fields<never>);
  const { limits = {}, previous, process, ...plain } = value;
  const parts = {
    plain: parseFields(plain, at, 'a key', plainFields),
    limits: parseFields(limits, `${at}.limits`, 'a group of limits', limitFields),
    previous: nested(previous, `${at}.previous`, 'an earlier key', previousFields),
    process: nested(process, `${at}.process`, 'a process', processFields),
  };
  const problems = Object.values(parts).flatMap((part) => part.problems);
  if (parts.plain.value === null || parts.limits.value === null || problems.length > 0) {
    return { value: null, problems };
  }
  const record = {
    ...parts.plain.value,
    limits: parts.limits.value,
    previous: parts.previous.value,
    process: parts.process.value,
  };
  return { value: record, problems };
};

/** So many records, revoked ones among them; more would not fit into config.json with everything else. */
export const maxKeys = 1000;

export type ParsedKeys = { keys: ClientKeyRecord[]; problems: string[] };

/** The key records of config.json; `problems` is empty exactly when all of them are sound. */
export const parseClientKeys = (value: unknown): ParsedKeys => {
  if (!Array.isArray(value)) {
    return { keys: [], problems: [`clientKeys: ${shown(value)} is not a list; use a list of keys`] };
  }
  if (value.length > maxKeys) {
    return { keys: [], problems: [`clientKeys: has ${value.length} entries; use at most ${maxKeys}`] };
  }
  const keys: ClientKeyRecord[] = [];
  const problems: string[] = [];
  const ids = new Set<string>();
  const names = new Set<string>();
  for (const [index, entry] of (value as unknown[]).entries()) {
    const at = `clientKeys[${index}]`;
    const { value: record, problems: found } = parseRecord(entry, at);
    problems.push(...found);
    if (record === null) continue;
    const { id, name, revokedAt } = record;
    if (ids.has(id)) problems.push(`${at}.id: ${id} is taken by another key; remove one of them`);
    if (revokedAt === null && names.has(name)) {
      problems.push(`${at}.name: ${name} is taken by another key; rename or remove one of them`);
    }
    ids.add(id);
    if (revokedAt === null) names.add(name);
    keys.push(record);
  }
  return { keys, problems };
};

/** The limits as config.json and `--json` show them. */
export const limitsJson = ({ expiresAt, ...limits }: KeyLimits): Record<string, unknown> => ({
  ...limits,
  expiresAt: isoTime(expiresAt),
});

/** The record as config.json keeps it. */
export const clientKeyJson = (record: ClientKeyRecord): Record<string, unknown> => ({
  ...record,
  createdAt: isoTime(record.createdAt),
  lastUsedAt: isoTime(record.lastUsedAt),
  revokedAt: isoTime(record.revokedAt),
  previous: record.previous && { ...record.previous, until: isoTime(record.previous.until) },
  limits: limitsJson(record.limits),
});
