import {
  accountKinds,
  secretStores,
  supportedKinds,
  type AccountId,
  type AccountKind,
  type AccountRecord,
} from '../shared/types.ts';
import { sanitize } from '../shared/sanitize.ts';
import { parseBaseUrl } from './base-url.ts';
import { oneOf, parseTime, shown, wholeNumber, type Checked } from './checks.ts';
import { nearest } from './schema.ts';

/** Where keys of the Claude Console work; the base URL of an `api-key` account that names none. */
export const anthropicUrl = 'https://api.anthropic.com';

/** Accounts that cost money per token are tried after those of a plan. */
export const defaultPriority = (kind: AccountKind): number =>
  kind === 'login' || kind === 'setup-token' ? 100 : 200;

export const defaultWeight = 1;

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$/;

export const parseName = (value: unknown): Checked<string> =>
  typeof value === 'string' && namePattern.test(value)
    ? { ok: true, value }
    : {
        ok: false,
        what: `${shown(value)} is not an account name`,
        fix: 'use up to 64 letters, digits and . _ @ + -, beginning with a letter or digit',
      };

export const parsePriority = wholeNumber(0, 65_535).parse;

export const parseWeight = (value: unknown): Checked<number> =>
  typeof value === 'number' && value > 0 && value <= 65_535
    ? { ok: true, value }
    : { ok: false, what: `${shown(value)} is not a weight`, fix: 'use a number above 0, up to 65535' };

/** A kind this version can serve with; the others are named as what they are. */
export const parseKind = (value: unknown): Checked<AccountKind> => {
  const known = oneOf(accountKinds).parse(value);
  if (!known.ok) return { ...known, fix: `use ${supportedKinds.join(' or ')}` };
  if ((supportedKinds as readonly AccountKind[]).includes(known.value)) return known;
  return {
    ok: false,
    what: `accounts of kind ${known.value} cannot be used by this version`,
    fix: `use ${supportedKinds.join(' or ')}`,
  };
};

const parseId = (value: unknown): Checked<AccountId> =>
  typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value)
    ? { ok: true, value: value as AccountId }
    : { ok: false, what: `${shown(value)} is not an account id`, fix: 'remove the account and add it again' };

const parsePaused = (value: unknown): Checked<boolean> =>
  typeof value === 'boolean'
    ? { ok: true, value }
    : { ok: false, what: `${shown(value)} is not a yes or no`, fix: 'use true or false' };

const fields: ReadonlySet<string> = new Set<keyof AccountRecord>([
  'id',
  'name',
  'kind',
  'baseUrl',
  'priority',
  'weight',
  'paused',
  'store',
  'createdAt',
]);

/** Collects the problems of one record, each as `accounts[0].name: what; what to do`. */
const reader = (entry: Readonly<Record<string, unknown>>, at: string, problems: string[]) => {
  return <T>(field: keyof AccountRecord, parse: (value: unknown) => Checked<T>, absent?: T): T | null => {
    if (!Object.hasOwn(entry, field)) {
      if (absent !== undefined) return absent;
      problems.push(`${at}.${field}: is missing; remove the account and add it again`);
      return null;
    }
    const checked = parse(entry[field]);
    if (checked.ok) return checked.value;
    problems.push(`${at}.${field}: ${checked.what}; ${checked.fix}`);
    return null;
  };
};

const unknownFields = (entry: object, at: string): string[] =>
  Object.keys(entry)
    .filter((key) => !fields.has(key))
    .map((key) => {
      const near = nearest(key, fields);
      const fix = near === null ? 'remove it' : `did you mean ${near}?`;
      return `${at}.${sanitize(key, 60)}: is not known; ${fix}`;
    });

const parseRecord = (value: unknown, at: string, problems: string[]): AccountRecord | null => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push(`${at}: ${shown(value)} is not an account; remove it`);
    return null;
  }
  const before = problems.length;
  problems.push(...unknownFields(value, at));
  const read = reader(value as Record<string, unknown>, at, problems);
  const kind = read('kind', parseKind);
  const record = {
    id: read('id', parseId),
    name: read('name', parseName),
    kind,
    baseUrl:
      kind === null
        ? null
        : read(
            'baseUrl',
            (url) => parseBaseUrl(kind, url),
            ...(kind === 'api-key' ? ([anthropicUrl] as const) : []),
          ),
    priority: read('priority', parsePriority, defaultPriority(kind ?? 'api-key')),
    weight: read('weight', parseWeight, defaultWeight),
    paused: read('paused', parsePaused, false),
    store: read('store', oneOf(secretStores).parse),
    createdAt: read('createdAt', parseTime),
  };
  return problems.length === before ? (record as AccountRecord) : null;
};

export type ParsedAccounts = { accounts: AccountRecord[]; problems: string[] };

const maxAccounts = 1000;

/** The account records of config.json; `problems` is empty exactly when all of them are sound. */
export const parseAccounts = (value: unknown): ParsedAccounts => {
  if (!Array.isArray(value)) {
    return { accounts: [], problems: [`accounts: ${shown(value)} is not a list; use a list of accounts`] };
  }
  if (value.length > maxAccounts) {
    const problem = `accounts: has ${value.length} entries; use at most ${maxAccounts}`;
    return { accounts: [], problems: [problem] };
  }
  const problems: string[] = [];
  const accounts: AccountRecord[] = [];
  for (const [index, entry] of (value as unknown[]).entries()) {
    const at = `accounts[${index}]`;
    const record = parseRecord(entry, at, problems);
    if (record === null) continue;
    for (const field of ['name', 'id'] as const) {
      const first = accounts.findIndex((other) => other[field] === record[field]);
      if (first !== -1) {
        problems.push(
          `${at}.${field}: ${record[field]} is taken by accounts[${first}]; rename or remove one of them`,
        );
      }
    }
    accounts.push(record);
  }
  return { accounts, problems };
};

/** The record as config.json keeps it. */
export const accountJson = (record: AccountRecord): Record<string, unknown> => ({
  ...record,
  createdAt: new Date(record.createdAt).toISOString(),
});
