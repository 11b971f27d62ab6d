import { kinds, numberFields, textFields } from '../store/filter-fields.ts';
import type { State } from '../store/state.ts';
import type { Candidate } from './prompt.ts';

/** So many are worth looking through. */
const most = 30;

/** What of the state the words to type are taken from. */
export type CompleteFrom = Pick<State, 'accounts' | 'rows'>;

type Values = (state: CompleteFrom) => readonly (string | null)[];

/** The values that a field has now, as far as it is worth knowing them before typing. */
const values: Readonly<Record<string, Values>> = {
  is: () => Object.keys(kinds),
  account: ({ accounts }) => accounts.map(({ name }) => name),
  model: ({ rows }) => rows.map(({ request }) => request.model),
  client: ({ rows }) => rows.map(({ request }) => request.client),
  agent: ({ rows }) => rows.map(({ request }) => request.agent),
  status: ({ rows }) => rows.map(({ request }) => (request.status === null ? null : `${request.status}`)),
  stop: ({ rows }) => rows.map(({ kind, request }) => (kind === 'live' ? null : request.stopReason)),
  outcome: ({ rows }) => rows.map(({ kind, request }) => (kind === 'live' ? null : request.outcome)),
};

const fields: readonly string[] = [
  'is:',
  ...Object.keys(textFields).map((name) => `${name}:`),
  ...Object.keys(numberFields).map((name) => (name === 'status' ? 'status>=' : `${name}>`)),
];

const quoted = (value: string): string =>
  /[\s|()"]/.test(value) ? `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"` : value;

const startsWith = (text: string, part: string): boolean => text.toLowerCase().startsWith(part.toLowerCase());

/** The field of a comparison that ends the text, and the value as far as it is typed. */
const comparison = /^([a-z]+)([:=]|!=)(.*)$/i;

/**
 * What the last word of an expression may become: a field, or a value that the field has now. None while nothing of
 * the word is typed, and none for a word that says all already.
 */
export const filterCandidates = (text: string, state: CompleteFrom): Candidate[] => {
  const word = /[^\s|()"]*$/.exec(text)?.[0].replace(/^!+/, '') ?? '';
  const before = text.slice(0, text.length - word.length);
  // In the middle of a quoted text nothing is a field.
  if (word === '' || (before.split('"').length - 1) % 2 === 1) return [];
  const [, field = '', operator = '', part = ''] = comparison.exec(word) ?? [];
  if (field === '') {
    const found = fields.filter((name) => startsWith(name, word) && name !== word);
    return found.map((name) => ({ text: before + name, shown: name }));
  }
  const known = Object.hasOwn(values, field.toLowerCase()) ? values[field.toLowerCase()] : undefined;
  const found = new Set((known?.(state) ?? []).filter((value) => value !== null && startsWith(value, part)));
  return [...found]
    .flatMap((value) => (value === null || value === part ? [] : [value]))
    .toSorted()
    .slice(0, most)
    .map((value) => ({ text: `${before}${field}${operator}${quoted(value)}`, shown: value }));
};
