/** A piece of an expression; `at` is where it begins, from 0. */
export type FilterToken =
  | { kind: 'not' | 'or' | 'open' | 'close'; at: number }
  | { kind: 'text'; at: number; value: string }
  | { kind: 'term'; at: number; field: string; operator: string; value: string; valueAt: number };

export type FilterTokens =
  | { tokens: readonly FilterToken[] }
  | { problem: { column: number; message: string } };

/** Nobody types more; every keystroke of a screen's filter reads all of it. */
const longest = 1000;

const marks = { '!': 'not', '|': 'or', '(': 'open', ')': 'close' } as const;

const space = /\s+/y;
const quoted = /"((?:[^"\\]|\\.)*)"/sy;
const field = /([\p{L}_][\p{L}\d_]*)(>=|<=|!=|[:=<>])/uy;
const word = /[^\s|()"]+/y;

const matchAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};

const unescaped = (inner: string): string => inner.replaceAll(/\\(.)/gs, '$1');

/** The value that begins there, in quotes or not; null when a quote is never closed. */
const valueAt = (text: string, at: number): { value: string; end: number } | null => {
  if (text[at] === '"') {
    const match = matchAt(quoted, text, at);
    return match === null ? null : { value: unescaped(match[1] ?? ''), end: at + match[0].length };
  }
  const plain = matchAt(word, text, at)?.[0] ?? '';
  return { value: plain, end: at + plain.length };
};

/** The pieces of an expression, in order, or what cannot be read. */
export const filterTokens = (text: string): FilterTokens => {
  if (text.length > longest)
    return { problem: { column: longest + 1, message: `over ${longest} characters` } };
  const tokens: FilterToken[] = [];
  for (let at = 0; at < text.length;) {
    const blank = matchAt(space, text, at);
    if (blank !== null) {
      at += blank[0].length;
      continue;
    }
    const mark = marks[text[at] as keyof typeof marks];
    if (mark !== undefined) {
      tokens.push({ kind: mark, at });
      at += 1;
      continue;
    }
    const named = matchAt(field, text, at);
    const start = at + (named?.[0].length ?? 0);
    const found = valueAt(text, start);
    if (found === null) return { problem: { column: start + 1, message: 'this quote is never closed' } };
    const [, name, operator] = named ?? [];
    if (name !== undefined && operator !== undefined) {
      tokens.push({ kind: 'term', at, field: name, operator, value: found.value, valueAt: start });
    } else tokens.push({ kind: 'text', at, value: found.value });
    at = found.end;
  }
  return { tokens };
};
