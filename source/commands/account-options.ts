import {
  parseCaps,
  parseConcurrent,
  parseModels,
  parseOverage,
  parsePriority,
  parseWeight,
} from '../config/account-record.ts';
import { shown, type Checked } from '../config/checks.ts';
import type { AccountChange } from '../shared/commands.ts';
import { CcrError } from '../shared/errors.ts';
import type { GivenOptions } from './parse-command-line.ts';

type Parse = (text: string) => Checked<unknown>;

const number =
  (parse: (value: unknown) => Checked<number>): Parse =>
  (text) =>
    /^-?\d{1,9}(?:\.\d{1,9})?$/.test(text)
      ? parse(Number(text))
      : { ok: false, what: `wanted a number, got ${shown(text)}`, fix: 'leave it out for the default' };

const capFix = 'use per cent by window, such as 5h=80,7d=90, or none';

const overageFix = 'use forbid, allow or per cent of what may be spent, such as 50';

/** `5h=80,7d=90` in per cent; `none`. */
const caps: Parse = (text) => {
  if (text === 'none') return { ok: true, value: {} };
  const shares: Record<string, number> = Object.create(null) as Record<string, number>;
  for (const part of text.split(',')) {
    const [, window, percent] = /^\s*([\w-]+)=(\d{1,3}(?:\.\d{1,3})?)%?\s*$/.exec(part) ?? [];
    const share = Number(percent) / 100;
    if (window === undefined || !(share > 0 && share <= 1)) {
      return { ok: false, what: `${shown(part)} is not a cap`, fix: capFix };
    }
    shares[window] = share;
  }
  const checked = parseCaps({ ...shares });
  return checked.ok ? checked : { ...checked, fix: capFix };
};

/** `claude-opus-*,claude-haiku-4-5`; `all`. */
const models: Parse = (text) =>
  text === 'all' ? { ok: true, value: [] } : parseModels(text.split(',').map((part) => part.trim()));

/** `forbid`, `allow`, or per cent of what may be spent: `50`. */
const overage: Parse = (text) => {
  const [, percent] = /^(\d{1,3}(?:\.\d{1,3})?)%?$/.exec(text) ?? [];
  const checked = parseOverage(percent === undefined ? text : Number(percent) / 100);
  return checked.ok
    ? checked
    : { ...checked, what: `${shown(text)} is no word on paid overage`, fix: overageFix };
};

/** `4`; `none`, or 0, for any number. */
const concurrent: Parse = (text) => {
  if (text === 'none' || text === '0') return { ok: true, value: 0 };
  const checked = parseConcurrent(/^\d{1,9}$/.test(text) ? Number(text) : text);
  return checked.ok ? checked : { ...checked, fix: 'use a whole number from 1 to 10000, or none' };
};

/** Checked where the kind of the account is known. */
const text: Parse = (value) => ({ ok: true, value });

const parsers: readonly [option: string, field: keyof AccountChange, parse: Parse][] = [
  ['priority', 'priority', number(parsePriority)],
  ['weight', 'weight', number(parseWeight)],
  ['cap', 'caps', caps],
  ['models', 'models', models],
  ['overage', 'overage', overage],
  ['concurrent', 'concurrent', concurrent],
  ['base-url', 'baseUrl', text],
];

/** What a command line says of an account; null for what it leaves out, and for what `problems` say is wrong. */
export const readAccountOptions = (
  options: GivenOptions,
): { change: AccountChange; problems: readonly string[] } => {
  const change: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [option, field, parse] of parsers) {
    const given = options[option];
    const checked = typeof given === 'string' ? parse(given) : ({ ok: true, value: null } as const);
    change[field] = checked.ok ? checked.value : null;
    if (!checked.ok) problems.push(`--${option}: ${checked.what}; ${checked.fix}`);
  }
  return { change: change as AccountChange, problems };
};

/** The same; throws one `usage` error that names all that is wrong. */
export const accountOptions = (options: GivenOptions): AccountChange => {
  const { change, problems } = readAccountOptions(options);
  if (problems.length > 0) throw new CcrError('usage', 'the options have problems', { problems });
  return change;
};
