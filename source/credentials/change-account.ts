import { parseBaseUrl } from '../config/base-url.ts';
import {
  parseCaps,
  parseConcurrent,
  parseModels,
  parseOverage,
  parsePriority,
  parseWeight,
} from '../config/account-record.ts';
import type { Checked } from '../config/checks.ts';
import type { AccountChange } from '../shared/commands.ts';
import { CcrError } from '../shared/errors.ts';
import type { AccountRecord } from '../shared/types.ts';

/** Another path of the provider that the secret was given for; never another provider. */
const parseMove = ({ kind, baseUrl }: AccountRecord, value: unknown): Checked<string> => {
  const checked = parseBaseUrl(kind, value);
  if (!checked.ok) return checked;
  const { origin } = new URL(baseUrl);
  if (new URL(checked.value).origin === origin) return checked;
  return {
    ok: false,
    what: `is not at ${origin}, which its key was given for`,
    fix: 'remove the account and add it again, with the key for that address',
  };
};

type Parse = (record: AccountRecord, value: unknown) => Checked<unknown>;

const isEmpty = (value: object): boolean => Object.keys(value).length === 0;
const none: Checked<null> = { ok: true, value: null };

const parsers: { [Field in keyof AccountChange]-?: { label: string; parse: Parse } } = {
  priority: { label: 'the priority', parse: (_, value) => parsePriority(value) },
  weight: { label: 'the weight', parse: (_, value) => parseWeight(value) },
  caps: { label: 'the caps:', parse: (_, value) => (isEmpty(Object(value)) ? none : parseCaps(value)) },
  models: { label: 'the models:', parse: (_, value) => (isEmpty(Object(value)) ? none : parseModels(value)) },
  overage: { label: 'the overage:', parse: (_, value) => parseOverage(value) },
  concurrent: {
    label: 'the number of requests at once:',
    parse: (_, value) => (value === 0 ? none : parseConcurrent(value)),
  },
  baseUrl: { label: 'the base URL', parse: parseMove },
};

/** The record after the change. Throws one `usage` error whose problems name everything that cannot be. */
export const changeAccount = (record: AccountRecord, change: AccountChange): AccountRecord => {
  const changed: Record<string, unknown> = { ...record };
  const problems: string[] = [];
  for (const [field, { label, parse }] of Object.entries(parsers)) {
    const value = change[field as keyof AccountChange];
    if (value === null || value === undefined) continue;
    const checked = parse(record, value);
    if (!checked.ok) problems.push(`${label} ${checked.what}; ${checked.fix}`);
    else if (checked.value === null) delete changed[field];
    else changed[field] = checked.value;
  }
  if (problems.length > 0) throw new CcrError('usage', 'the account was not changed', { problems });
  return changed as AccountRecord;
};
