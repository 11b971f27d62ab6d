import { filterTokens, type FilterToken } from './filter-tokens.ts';
import {
  everyText,
  kinds,
  numberFields,
  textFields,
  type FilterSubject,
  type NumberField,
} from './filter-fields.ts';

/** Whether a request is wanted. */
export type Filter = (request: FilterSubject) => boolean;

/** What is wrong with an expression, and where: the column counts from 1, in UTF-16 units. */
export type FilterProblem = { column: number; message: string };

export type ParsedFilter = { ok: true; filter: Filter } | { ok: false; problem: FilterProblem };

class Wrong extends Error {
  readonly column: number;
  constructor(at: number, message: string) {
    super(message);
    this.column = at + 1;
  }
}

/** Nested deeper, an expression is a slip, and would not fit on the stack one day. */
const deepest = 100;

/** Takes from the tokens what one rule of the grammar needs. */
type Reader = { next(): FilterToken | undefined; take(): FilterToken | undefined; end: number };

const listOf = (names: object): string => Object.keys(names).join(', ');

/** What a table has of that name, in whatever case; a name such as `constructor` is in none. */
const own = <Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined => {
  const key = name.toLowerCase();
  return Object.hasOwn(table, key) ? table[key] : undefined;
};

const contains = (text: string | null | undefined, part: string): boolean =>
  typeof text === 'string' && text.toLowerCase().includes(part);

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  ':': (a, b) => a === b,
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
};

type Term = Extract<FilterToken, { kind: 'term' }>;

const textTerm = (of: (typeof textFields)[string], { operator, value, at }: Term): Filter => {
  const wanted = value.toLowerCase();
  if (operator === ':') return (request) => of(request).some((text) => contains(text, wanted));
  if (operator === '=') return (request) => of(request).some((text) => text?.toLowerCase() === wanted);
  if (operator === '!=') return (request) => of(request).every((text) => text?.toLowerCase() !== wanted);
  throw new Wrong(at, `${operator} is for numbers; text takes : (contains), = or !=`);
};

const numberTerm = ({ units, of }: NumberField, { field, operator, value, valueAt }: Term): Filter => {
  const [, digits = '', unit = ''] = /^(\d{1,15}(?:\.\d{1,9})?|\.\d{1,9})([a-z]*)$/i.exec(value) ?? [];
  const factor = own(units, unit);
  if (digits === '' || factor === undefined) {
    const known = Object.keys(units).filter((name) => name !== '');
    const hint = known.length === 0 ? '' : ` (with ${known.join(', ')} if you like)`;
    throw new Wrong(valueAt, `${field} wants a number${hint}`);
  }
  const wanted = Number(digits) * factor;
  const compare = comparisons[operator];
  const fits = (number: number): boolean => compare?.(number, wanted) === true;
  return (request) => {
    // What is unknown is neither more nor less than anything.
    const known = of(request).filter((number) => typeof number === 'number');
    // As with texts: of several, any may be it, and none may be what it must not be.
    return operator === '!=' ? known.length > 0 && known.every(fits) : known.some(fits);
  };
};

const kindTerm = ({ operator, value, at, valueAt }: Term): Filter => {
  if (operator !== ':') throw new Wrong(at, 'is takes a : only');
  const kind = own(kinds, value);
  if (kind === undefined) throw new Wrong(valueAt, `is takes one of ${listOf(kinds)}`);
  return kind;
};

const termFilter = (term: Term): Filter => {
  if (term.value === '') throw new Wrong(term.valueAt, `${term.field}${term.operator} wants a value`);
  if (term.field.toLowerCase() === 'is') return kindTerm(term);
  const text = own(textFields, term.field);
  if (text !== undefined) return textTerm(text, term);
  const number = own(numberFields, term.field);
  if (number !== undefined) return numberTerm(number, term);
  const fields = `${listOf(textFields)}, ${listOf(numberFields)}, is`;
  throw new Wrong(
    term.at,
    `there is no field ${term.field}: ${fields}; put text with a ${term.operator} in quotes`,
  );
};

const single = (reader: Reader, depth: number): Filter => {
  const token = reader.take();
  if (depth > deepest) throw new Wrong(token?.at ?? reader.end, 'too deeply nested');
  switch (token?.kind) {
    case 'not': {
      const inner = single(reader, depth + 1);
      return (request) => !inner(request);
    }
    case 'open': {
      const inner = either(reader, depth + 1);
      if (reader.take()?.kind !== 'close') throw new Wrong(token.at, 'this ( is never closed');
      return inner;
    }
    case 'text': {
      const wanted = token.value.toLowerCase();
      return (request) => everyText(request).some((text) => contains(text, wanted));
    }
    case 'term': {
      return termFilter(token);
    }
    case 'or':
    case 'close':
    case undefined: {
      throw new Wrong(token?.at ?? reader.end, 'something to look for is missing here');
    }
  }
};

const all = (reader: Reader, depth: number): Filter => {
  const parts = [single(reader, depth)];
  for (let next = reader.next(); next !== undefined; next = reader.next()) {
    if (next.kind === 'or' || next.kind === 'close') break;
    parts.push(single(reader, depth));
  }
  return parts.length === 1 ? (parts[0] ?? (() => true)) : (request) => parts.every((part) => part(request));
};

const either = (reader: Reader, depth: number): Filter => {
  const parts = [all(reader, depth)];
  while (reader.next()?.kind === 'or') {
    reader.take();
    parts.push(all(reader, depth));
  }
  return parts.length === 1 ? (parts[0] ?? (() => true)) : (request) => parts.some((part) => part(request));
};

const readerOf = (tokens: readonly FilterToken[], end: number): Reader => {
  let index = 0;
  return {
    next: () => tokens[index],
    take() {
      index += 1;
      return tokens[index - 1];
    },
    end,
  };
};

/**
 * Reads an expression of the filter language: bare text is looked for anywhere, `account:work`, `status>=400`, `ms>5s`,
 * `out>1k`, `is:retry`; `!` = not, a space = and, `|` = or, parentheses group, quotes hold text together. Upper and lower
 * case are the same. An empty expression wants every request. Never throws.
 */
export const parseFilter = (text: string): ParsedFilter => {
  const read = filterTokens(text);
  if ('problem' in read) return { ok: false, problem: read.problem };
  if (read.tokens.length === 0) return { ok: true, filter: () => true };
  try {
    const reader = readerOf(read.tokens, text.length);
    const filter = either(reader, 0);
    const left = reader.next();
    if (left !== undefined) throw new Wrong(left.at, 'this ) has no ( before it');
    return { ok: true, filter };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { ok: false, problem: { column: error.column, message: error.message } };
  }
};
