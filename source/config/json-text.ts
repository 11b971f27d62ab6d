import { sanitize } from '../shared/sanitize.ts';

export type JsonText = { ok: true; value: unknown } | { ok: false; problems: string[] };

const maxDepth = 20;
const token = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gsu;
const forbidden: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

type Level = { keys: Set<string> | null; name: string; key: string };

const place = (levels: readonly Level[], key: string): string =>
  sanitize([...levels.slice(1).map((level) => level.name), key].filter((part) => part !== '').join('.'), 120);

/** What JSON.parse passes over: repeated keys (the last one wins there), dangerous names, depth. The text is valid JSON. */
const structureProblems = (text: string): string[] => {
  const problems: string[] = [];
  const levels: Level[] = [];
  let last = '';
  for (const [part] of text.matchAll(token)) {
    const level = levels.at(-1);
    if (part === '{' || part === '[') {
      if (levels.length >= maxDepth)
        return [`${place(levels, '')}: is nested too deep; use at most ${maxDepth} levels`];
      levels.push({ keys: part === '{' ? new Set() : null, name: level?.key ?? '', key: '' });
    } else if (part === '}' || part === ']') levels.pop();
    else if (part === ':' && level?.keys) {
      const key = String(JSON.parse(last));
      level.key = key;
      if (forbidden.has(key)) problems.push(`${place(levels, key)}: is not allowed as a name; remove it`);
      else if (level.keys.has(key))
        problems.push(`${place(levels, key)}: stands there twice; keep one of them`);
      level.keys.add(key);
    }
    last = part;
  }
  return problems;
};

/** Where JSON.parse stopped, as line and column; empty when the engine does not say. */
const whereBroken = (text: string, error: unknown): string => {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  if (position === undefined) return '';
  const lines = text.slice(0, Number(position)).split('\n');
  return ` (line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1})`;
};

/** JSON text as a value, or everything that makes it unfit; never throws. Problems read `what; what to do`. */
export const parseJsonText = (text: string): JsonText => {
  if (text.startsWith('\uFEFF')) {
    return { ok: false, problems: ['begins with a byte order mark; save it as UTF-8 without one'] };
  }
  if (text.trim() === '') {
    return { ok: false, problems: ['is empty; write {} into it, or remove the file'] };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {
      ok: false,
      problems: [`is not valid JSON${whereBroken(text, error)}; correct it, or move the file away`],
    };
  }
  const problems = structureProblems(text);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value };
};
