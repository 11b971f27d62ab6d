import {
  accountKinds,
  isLoginKind,
  secretStores,
  supportedKinds,
  type AccountId,
  type AccountKind,
  type AccountRecord,
  type OveragePolicy,
} from '../shared/types.ts';
import { isRecord } from '../shared/is-record.ts';
import { sanitize } from '../shared/sanitize.ts';
import { parseBaseUrl } from './base-url.ts';
import { oneOf, parseTime, shown, wholeNumber, type Checked } from './checks.ts';
import { loginFactsJson, parseLoginFacts } from './login-facts.ts';
import { modelPattern, someOf } from './model-pattern.ts';
import { nearest } from './nearest.ts';

/** Where keys of the Claude Console and Claude logins work. */
export const anthropicUrl = 'https://api.anthropic.com';

/** Accounts that cost money per token are tried after those of a plan. */
export const defaultPriority = (kind: AccountKind): number => (isLoginKind(kind) ? 100 : 200);

/** Where an account of that kind works that names no base URL; null when it has to name one. */
export const defaultBaseUrl = (kind: AccountKind): string | null =>
  kind === 'api-key' || isLoginKind(kind) ? anthropicUrl : null;

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

const windowName = /^[a-z0-9][a-z0-9_-]{0,40}$/;

/** Caps by window, each a share above 0, at most 1. */
export const parseCaps = (value: unknown): Checked<Record<string, number>> => {
  const fix = 'use shares above 0 up to 1 by window, such as {"5h": 0.8}';
  if (!isRecord(value)) return { ok: false, what: `${shown(value)} is not a list of caps`, fix };
  for (const [window, cap] of Object.entries(value)) {
    if (!windowName.test(window)) return { ok: false, what: `${shown(window)} is not a window`, fix };
    if (typeof cap !== 'number' || !(cap > 0 && cap <= 1)) {
      return { ok: false, what: `${shown(cap)} is not a share`, fix };
    }
  }
  return { ok: true, value: value as Record<string, number> };
};

/** Patterns of models. At least one: an account that serves no model is better paused. */
export const parseModels = someOf(modelPattern).parse;

/** Whether paid overage may serve, or up to which share of what may be spent there. */
export const parseOverage = (value: unknown): Checked<OveragePolicy> =>
  value === 'forbid' || value === 'allow' || (typeof value === 'number' && value > 0 && value <= 1)
    ? { ok: true, value }
    : {
        ok: false,
        what: `${shown(value)} is no word on paid overage`,
        fix: 'use forbid, allow or a share, such as 0.5',
      };

/** How many requests at once. */
export const parseConcurrent = wholeNumber(1, 10_000).parse;

const parseId = (value: unknown): Checked<AccountId> =>
  typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value)
    ? { ok: true, value: value as AccountId }
    : { ok: false, what: `${shown(value)} is not an account id`, fix: 'remove the account and add it again' };

const parseOrigin = (value: unknown): Checked<string> =>
  typeof value === 'string' && /^[^\p{C}]{1,200}$/u.test(value)
    ? { ok: true, value }
    : { ok: false, what: `${shown(value)} does not name where it came from`, fix: 'remove it' };

const parseFlag = (value: unknown): Checked<boolean> =>
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
  'preferred',
  'store',
  'createdAt',
  'caps',
  'models',
  'overage',
  'concurrent',
  'login',
  'importedFrom',
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
        : read('baseUrl', (url) => parseBaseUrl(kind, url), defaultBaseUrl(kind) ?? undefined),
    priority: read('priority', parsePriority, defaultPriority(kind ?? 'api-key')),
    weight: read('weight', parseWeight, defaultWeight),
    paused: read('paused', parseFlag, false),
    store: read('store', oneOf(secretStores).parse),
    createdAt: read('createdAt', parseTime),
  };
  const extras = readExtras(value, read);
  return problems.length === before ? ({ ...record, ...extras } as AccountRecord) : null;
};

/** What a record has only where somebody asked for it. */
const extraParsers = {
  preferred: parseFlag,
  caps: parseCaps,
  models: parseModels,
  overage: parseOverage,
  concurrent: parseConcurrent,
  login: parseLoginFacts,
  importedFrom: parseOrigin,
};

const readExtras = (entry: object, read: ReturnType<typeof reader>): Record<string, unknown> => {
  const present = Object.entries(extraParsers).filter(([field]) => Object.hasOwn(entry, field));
  const fields = present.map(([field, parse]) => [
    field,
    read<unknown>(field as keyof typeof extraParsers, parse),
  ]);
  return Object.fromEntries(fields);
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
  ...(record.login && { login: loginFactsJson(record.login) }),
});
