import { isRecord } from '../shared/is-record.ts';
import type { PriceEntry } from '../shared/price-entry.ts';
import { shown, wrong, type Check, type Checked, type Problem } from './checks.ts';

const mostEntries = 500;

const text = (value: unknown): boolean => typeof value === 'string' && value !== '' && value.length <= 200;

const amount = (value: unknown): boolean =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= 1e6;

const day = (value: unknown): boolean =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\d$/.test(value) &&
  new Date(`${value}T00:00:00Z`).toString() !== 'Invalid Date' &&
  new Date(`${value}T00:00:00Z`).toISOString().startsWith(value);

const tokens = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

type Field = { isRight(value: unknown): boolean; isNeeded: boolean; what: string; fix: string };

const price = (isNeeded: boolean): Field => ({
  isRight: amount,
  isNeeded,
  what: 'no price',
  fix: 'use USD per million tokens, from 0',
});

const fields: Readonly<Record<keyof PriceEntry, Field>> = {
  model: { isRight: text, isNeeded: true, what: 'no model', fix: 'use the name that requests have' },
  from: { isRight: day, isNeeded: false, what: 'no day', fix: 'use one such as 2026-10-07' },
  above: { isRight: tokens, isNeeded: false, what: 'no number of tokens', fix: 'use a whole number from 0' },
  input: price(true),
  output: price(true),
  cacheWrite5m: price(false),
  cacheWrite1h: price(false),
  cacheRead: price(false),
};

const isField = (name: string): name is keyof PriceEntry => Object.hasOwn(fields, name);

const problemsIn = (entry: unknown, at: string): Problem[] => {
  if (!isRecord(entry)) return [{ at, what: `${shown(entry)} is no price`, fix: 'use an object' }];
  const unknown = Object.keys(entry)
    .filter((name) => !isField(name))
    .map((name) => ({
      at,
      what: `${shown(name)} is not known`,
      fix: `use ${Object.keys(fields).join(', ')}`,
    }));
  const wrongOnes = Object.entries(fields).flatMap(([name, { isRight, isNeeded, what, fix }]): Problem[] => {
    const value: unknown = entry[name];
    const isThere = Object.hasOwn(entry, name);
    if (isThere ? isRight(value) : !isNeeded) return [];
    return [{ at: `${at}.${name}`, what: isThere ? `${shown(value)} is ${what}` : 'is missing', fix }];
  });
  return [...unknown, ...wrongOnes];
};

const usage = 'use a list such as [{"model":"my-model","input":1,"output":5}], in USD per million tokens';

const parse = (value: unknown): Checked<readonly PriceEntry[]> => {
  if (!Array.isArray(value)) return wrong(`${shown(value)} is not a list of prices`, usage);
  if (value.length > mostEntries) return wrong(`has ${value.length} entries`, `use at most ${mostEntries}`);
  const [first, ...also] = value.flatMap((entry: unknown, index) => problemsIn(entry, `[${index}]`));
  return first === undefined ? { ok: true, value: value as PriceEntry[] } : { ok: false, ...first, also };
};

/** Prices of models, in USD per million tokens; on a command line as JSON, empty text for none. */
export const priceEntries: Check<readonly PriceEntry[]> = {
  parse,
  fromText(given) {
    if (given.trim() === '') return [];
    try {
      return JSON.parse(given) as unknown;
    } catch {
      return given;
    }
  },
};
