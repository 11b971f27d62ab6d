import type { Action, Pane } from '../shared/action.ts';
import { actions } from '../shared/actions.ts';

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

export type ScreenAction = Action & { screen: NonNullable<Action['screen']> };

/** Everything that has a key, in the order of the table. */
export const screenActions: readonly ScreenAction[] = actions.filter(
  (action): action is ScreenAction => action.screen !== undefined,
);

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

/** The action behind a key in that pane; null when the key means nothing there. */
export const actionFor = (name: string, pane: Pane): ScreenAction | null =>
  screenActions.find(
    ({ screen }) => screen.keys.includes(name) && (screen.where === 'all' || screen.where === pane),
  ) ?? null;

export type KeyHint = { key: string; text: string };
