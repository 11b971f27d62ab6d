import { displayWidth } from '../shared/display-width.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { Theme } from './theme.ts';

/** One line of text that a person edits: what stands before the cursor and what stands behind it, by character. */
export type TextField = { before: readonly string[]; after: readonly string[] };

export const emptyField: TextField = { before: [], after: [] };

/** No name and no address is longer. */
const longest = 4096;

export const fieldText = ({ before, after }: TextField): string => [...before, ...after].join('');

/** The text as a field, the cursor at its end. */
export const fieldOf = (text: string): TextField => ({ before: Array.from(text), after: [] });

/** The field with text put in at the cursor. */
export const insertText = ({ before, after }: TextField, text: string): TextField => ({
  before: [...before, ...Array.from(text)].slice(0, longest),
  after,
});

const withoutLastWord = (text: readonly string[]): readonly string[] => {
  const kept = text
    .join('')
    .trimEnd()
    .replace(/[^\s/.:@-]+$|[/.:@-]+$/, '');
  return Array.from(kept);
};

type Edit = (field: TextField) => TextField;

const toStart: Edit = ({ before, after }) => ({ before: [], after: [...before, ...after] });
const toEnd: Edit = ({ before, after }) => ({ before: [...before, ...after], after: [] });

/** What the keys of every line editor do here. */
const edits: Readonly<Record<string, Edit>> = {
  backspace: ({ before, after }) => ({ before: before.slice(0, -1), after }),
  delete: ({ before, after }) => ({ before, after: after.slice(1) }),
  left: ({ before, after }) => ({ before: before.slice(0, -1), after: [...before.slice(-1), ...after] }),
  right: ({ before, after }) => ({ before: [...before, ...after.slice(0, 1)], after: after.slice(1) }),
  home: toStart,
  'ctrl+a': toStart,
  end: toEnd,
  'ctrl+e': toEnd,
  'ctrl+u': ({ after }) => ({ before: [], after }),
  'ctrl+w': ({ before, after }) => ({ before: withoutLastWord(before), after }),
};

/** The character that a key types; null when it types none. Keys go by their names: `space`, `left`, `ctrl+u`. */
export const typedCharacter = (name: string): string | null => {
  if (name === 'space') return ' ';
  return Array.from(name).length === 1 && name >= ' ' && name !== '\u007F' ? name : null;
};

/** The field after a key; the same object when the key means nothing to a line of text. */
export const editField = (field: TextField, name: string): TextField => {
  const typed = typedCharacter(name);
  if (typed !== null) return insertText(field, typed);
  return Object.hasOwn(edits, name) ? (edits[name]?.(field) ?? field) : field;
};

const widthsOf = (characters: readonly string[]): number[] => characters.map(displayWidth);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** A field as it is drawn. */
export type FieldPicture = {
  text: string;
  /** The column, from 0, in which the character stands that begins at so many UTF-16 units; the nearest that is seen. */
  columnOf(units: number): number;
};

/** The field in at most `width` columns, with a mark where the cursor is: what stands before the cursor is in view. */
export const fieldPicture = (theme: Theme, field: TextField, width: number): FieldPicture => {
  const { caret, more } = theme.glyphs;
  const clean = (text: readonly string[]): string[] =>
    Array.from(theme.text(sanitize(text.join(''), longest)));
  const before = clean(field.before);
  const after = clean(field.after);
  const behind = after.length > 0 ? displayWidth(caret) : 0;
  let free = width - displayWidth(caret) - sum(widthsOf(before)) - sum(widthsOf(after));
  let gone = 0;
  while (free < 0 && after.length > 0) free += displayWidth(after.pop() ?? '');
  if (free < 0) {
    free -= displayWidth(more);
    let cut = 0;
    while (free < 0 && cut < before.length) {
      free += displayWidth(before[cut] ?? '');
      gone += displayWidth(before[cut] ?? '');
      cut += 1;
    }
    before.splice(0, cut, more);
    gone -= displayWidth(more);
  }
  return {
    text: `${before.join('')}${theme.paint('accent', caret)}${after.join('')}`,
    columnOf: (units) => {
      const inFront = Array.from(fieldText(field).slice(0, units));
      const mark = inFront.length >= field.before.length ? behind : 0;
      const column = sum(widthsOf(clean(inFront))) + mark - gone;
      return Math.max(0, Math.min(column, width - 1));
    },
  };
};

/** As `fieldPicture` draws it. */
export const drawField = (theme: Theme, field: TextField, width: number): string =>
  fieldPicture(theme, field, width).text;
