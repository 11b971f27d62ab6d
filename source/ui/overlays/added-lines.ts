import type { CommandResults } from '../../shared/commands.ts';
import { sanitize } from '../../shared/sanitize.ts';
import { secretPlaces } from '../../shared/secret-place.ts';
import { standardKeys, withKey, type Keymap } from '../keymap.ts';
import type { Size } from '../layout.ts';
import { paragraph, titleLine } from '../line.ts';
import type { Theme } from '../theme.ts';

export type Added = CommandResults['account.add'];

/** In one sentence, where the page itself is gone already. */
export const addedSentence = ({ account, store, notice }: Added): string =>
  `added ${account.name}; its key is in ${secretPlaces[store]}${notice === null ? '' : `; ${notice}`}`;

/** A notice begins small, as what follows the name of the program. */
const sentence = (notice: string): string => `${notice.slice(0, 1).toUpperCase()}${notice.slice(1)}.`;

/** What comes next, by keys that this page has as the panes have them. */
const nextWords = (keys: Keymap, roomy: boolean): string => {
  if (!roomy) return withKey(keys, 'client.connect', (key) => `${key}: connect a client`);
  const parts = [
    withKey(keys, 'client.connect', (key) => `${key} shows what to set in a client`),
    withKey(keys, 'account.add', (key) => `${key} adds another account`),
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `${parts.join(', ')}.`;
};

/** What to read after an account was added: where its key is and what comes next. */
export const addedLines = (
  theme: Theme,
  added: Added,
  { columns, rows }: Size,
  keys: Keymap = standardKeys,
): string[] => {
  const { account, store, notice } = added;
  const roomy = columns >= 46;
  const margin = roomy ? 3 : 1;
  const text = (tone: 'good' | 'plain' | 'warning', words: string): string[] =>
    paragraph(theme, sanitize(words, 1000), { columns, margin, tone });
  const name = sanitize(account.name, 64);
  const where = notice === null ? ` Its key is in ${secretPlaces[store]}.` : '';
  const head = text('good', `${theme.glyphs.full} ${name} is added.${where}`);
  const said = notice === null ? [] : text('warning', sentence(notice));
  const next = text('plain', nextWords(keys, roomy));
  const title = titleLine(theme, { title: 'Add an account', note: '', focused: true }, columns);
  const full = [title, '', ...head, ...(said.length > 0 ? ['', ...said] : []), '', ...next];
  return full.length <= rows ? full : [...head, ...next, ...said].slice(0, rows);
};
