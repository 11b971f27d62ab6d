import type { Pane } from '../shared/action.ts';
import { keyedActions, remapKeys, type KeyedAction } from '../shared/remap-keys.ts';

/** What Ink tells of a key, as far as we read it. Keys it has no field for arrive as nothing at all. */
export type Key = {
  ctrl: boolean;
  meta: boolean;
  shift: boolean;
  tab: boolean;
  escape: boolean;
  return: boolean;
  upArrow: boolean;
  downArrow: boolean;
  leftArrow: boolean;
  rightArrow: boolean;
  pageUp: boolean;
  pageDown: boolean;
  home: boolean;
  end: boolean;
  backspace: boolean;
  delete: boolean;
};

export type ScreenAction = KeyedAction;

/** Everything that has a key, in the order of the table. */
export const screenActions: readonly ScreenAction[] = keyedActions;

const named: readonly (readonly [field: keyof Key, name: string])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
  ['return', 'enter'],
];

const characters: Readonly<Record<string, string>> = {
  ' ': 'space',
  '\t': 'tab',
  '\r': 'enter',
  '\n': 'enter',
  '\b': 'backspace',
  '\u007F': 'backspace',
  '\u001B': 'escape',
};

/** The key behind one character. Control characters that stand for no letter are no key. */
const characterName = (character: string): string | null => {
  const name = characters[character];
  if (name !== undefined) return name;
  const code = character.codePointAt(0) ?? 0;
  if (code >= 1 && code <= 26) return `ctrl+${String.fromCodePoint(code + 96)}`;
  return code < 32 || (code > 126 && code < 160) ? null : character;
};

const letters = (input: string): string[] =>
  Array.from(input, characterName).filter((name): name is string => name !== null);

/**
 * The keys in one piece of input, named as the action table names them. Several letters typed fast or over a slow line
 * arrive as one string, so it is walked letter by letter; Escape and a letter in one read look like Meta+letter.
 */
export const keyNames = (input: string, key: Key): string[] => {
  const field = named.find(([each]) => key[each]);
  if (field !== undefined) return [field[1]];
  if (key.tab) return [key.shift ? 'shift+tab' : 'tab'];
  if (key.escape) return key.meta ? ['escape', 'escape'] : ['escape'];
  if (key.ctrl) return input === '' ? [] : [`ctrl+${characters[input] ?? input}`];
  return key.meta ? ['escape', ...letters(input)] : letters(input);
};

const shown: Readonly<Record<string, string>> = {
  tab: 'Tab',
  'shift+tab': 'Shift+Tab',
  escape: 'Esc',
  enter: 'Enter',
  space: 'Space',
  backspace: 'Backspace',
  delete: 'Del',
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
};

/** A key as people read it: `Tab`, `Esc`, `Ctrl-C`. */
export const shownKey = (name: string): string =>
  shown[name] ?? name.replace(/^ctrl\+(.)$/, (_, letter: string) => `Ctrl-${letter.toUpperCase()}`);

/** The keys of a person, and what they mean. */
export type Keymap = {
  /** Everything that has a key, in the order of the table. */
  actions: readonly ScreenAction[];
  /** The action behind a key in that pane; null when the key means nothing there. */
  actionFor(name: string, pane: Pane): ScreenAction | null;
  /** The first key of that action, as people read it; null when it has none. */
  keyOf(action: string): string | null;
  /** All keys of that action, by their names; none when it has none. */
  keysOf(action: string): readonly string[];
};

export const createKeymap = (actions: readonly ScreenAction[]): Keymap => {
  const keysOf = (action: string): readonly string[] =>
    actions.find(({ name }) => name === action)?.screen.keys ?? [];
  return {
    actions,
    actionFor: (name, pane) =>
      actions.find(
        ({ screen }) => screen.keys.includes(name) && (screen.where === 'all' || screen.where === pane),
      ) ?? null,
    keyOf: (action) => {
      const [key] = keysOf(action);
      return key === undefined ? null : shownKey(key);
    },
    keysOf,
  };
};

/** The keys as they are where nobody has changed them. */
export const standardKeys = createKeymap(screenActions);

/** The keys as these lines change them, see `remapKeys`; the usual ones where there are none or where they have problems. */
export const keymapOf = (lines: readonly string[]): Keymap => {
  const { actions, problems } = remapKeys(lines);
  return lines.length === 0 || problems.length > 0 ? standardKeys : createKeymap(actions);
};

export type KeyHint = { key: string; text: string };

/** What the keys of those actions do together, for a footer; no hint where none of them has a key. */
export const keyHint = (keys: Keymap, actions: readonly string[], text: string): KeyHint[] => {
  const shownKeys = actions.flatMap((action) => keys.keyOf(action) ?? []);
  return shownKeys.length === 0 ? [] : [{ key: shownKeys.join(' '), text }];
};

/** The two keys that go up and down in a list or a text, as `keyHint`. */
export const moveHint = (keys: Keymap, text: string): KeyHint[] =>
  keyHint(keys, ['select.next', 'select.previous'], text);

/** A part of a sentence that names the key of that action; empty where it has none. */
export const withKey = (keys: Keymap, action: string, words: (key: string) => string): string => {
  const key = keys.keyOf(action);
  return key === null ? '' : words(key);
};

/** Whether a key closes what is open: Esc, q, what quits, and the keys of the actions that open it. */
export const closesOpen = (keys: Keymap, key: string, ...openers: readonly string[]): boolean =>
  key === 'escape' || key === 'q' || ['quit', ...openers].some((action) => keys.keysOf(action).includes(key));
