import type { ActionArgument } from '../shared/action.ts';
import { themeNames } from '../shared/look.ts';
import { sanitize } from '../shared/sanitize.ts';
import { strategyNames } from '../shared/types.ts';
import { shownKey, withKey, type Keymap, type ScreenAction } from './keymap.ts';
import { statsRanges } from './overlays/statistics.ts';
import type { Candidate, PromptAsk, PromptProblem, PromptWords } from './prompt.ts';

/** What a line names: an action of the table and what stands behind it. */
export type CommandLine = { action: ScreenAction; argument: string | null };

export type CommandPlace = {
  keys: Keymap;
  /** The names of the accounts now. */
  accounts(): readonly string[];
};

/** What may stand behind an action; null = any text. */
const valuesOf: Readonly<Record<ActionArgument, ((place: CommandPlace) => readonly string[]) | null>> = {
  account: ({ accounts }) => accounts(),
  strategy: () => strategyNames,
  theme: () => themeNames,
  range: () => statsRanges.map(({ name }) => name),
  filter: null,
};

const doesOf = ({ screen, help }: ScreenAction): string => screen.help ?? help;

/** The actions that a word may mean: those that begin so, else those that have it inside, else those that do so. */
const meant = (word: string, actions: readonly ScreenAction[]): readonly ScreenAction[] => {
  const small = word.toLowerCase();
  const ways: readonly ((action: ScreenAction) => boolean)[] = [
    ({ name }) => name.toLowerCase().startsWith(small),
    ({ name }) => name.toLowerCase().includes(small),
    (action) => doesOf(action).toLowerCase().includes(small),
  ];
  return ways.map((way) => actions.filter(way)).find((found) => found.length > 0) ?? [];
};

type Parts = { word: string; argument: string | null; at: number };

const partsOf = (text: string): Parts => {
  const [, before = '', word = '', behind] = /^(\s*)(\S*)(\s.*)?$/s.exec(text) ?? [];
  const argument = behind?.trim() ?? '';
  const at = before.length + word.length + (behind?.search(/\S/) ?? 0) + 1;
  return { word, argument: behind === undefined ? null : argument, at };
};

/** The one action that a word means; null where it means none or more. A short name such as `q` will do. */
const actionOf = ({ word, argument }: Parts, { keys: { actions } }: CommandPlace): ScreenAction | null => {
  const exact = actions.find(({ name }) => name === word);
  const all = exact === undefined ? meant(word, actions) : [exact];
  // What stands behind it tells which one is meant where only one takes something.
  const taking = all.filter(({ screen }) => screen.argument !== undefined);
  const [found, ...more] = (argument ?? '') === '' || taking.length === 0 ? all : taking;
  return found !== undefined && more.length === 0 ? found : null;
};

const noSuchValue = (kind: ActionArgument, argument: string): string =>
  `no ${kind} ${sanitize(argument, 40)} here`;

/** What is wrong with an argument; null = nothing. */
const argumentProblem = (line: CommandLine, at: number, place: CommandPlace): PromptProblem | null => {
  const { action, argument } = line;
  const kind = action.screen.argument;
  if (argument === null || argument === '') return null;
  if (kind === undefined) return { column: at, message: `nothing can stand behind ${action.name}` };
  const values = valuesOf[kind]?.(place) ?? [argument];
  return values.includes(argument) ? null : { column: at, message: noSuchValue(kind, argument) };
};

/** Reads a line; what is wrong with it where it names no action, more than one, or an argument that is not there. */
export const parseCommand = (text: string, place: CommandPlace): CommandLine | PromptProblem => {
  const parts = partsOf(text);
  const { word, argument, at } = parts;
  const action = actionOf(parts, place);
  if (action === null) {
    const { length } = meant(word, place.keys.actions);
    const none = `no such action${withKey(place.keys, 'help', (key) => `; ${key} lists them`)}`;
    const message = length === 0 ? none : `${length} actions fit; Tab takes one`;
    return { column: text.length - text.trimStart().length + 1, message };
  }
  const line = { action, argument: argument === '' ? null : argument };
  return argumentProblem(line, at, place) ?? line;
};

/** What Tab puts there: names of actions, then the values that may stand behind the one that was named. */
const candidatesOf = (parts: Parts, place: CommandPlace): readonly Candidate[] => {
  const { word, argument } = parts;
  if (word === '') return [];
  if (argument === null) {
    return meant(word, place.keys.actions)
      .filter(({ name }) => name !== word)
      .map(({ name, screen }) => ({
        text: screen.argument === undefined ? name : `${name} `,
        shown: name,
      }));
  }
  const action = actionOf(parts, place);
  const kind = action?.screen.argument;
  const values = kind === undefined ? null : (valuesOf[kind]?.(place) ?? null);
  if (action === null || values === null) return [];
  return values
    .filter((value) => value !== argument && value.toLowerCase().startsWith(argument.toLowerCase()))
    .map((value) => ({ text: `${action.name} ${value}`, shown: value }));
};

const hintOf = (parts: Parts, place: CommandPlace): string => {
  const action = parts.word === '' ? null : actionOf(parts, place);
  if (action === null) return 'name of an action; Tab completes it, Up has earlier ones';
  const [key] = action.screen.keys;
  return key === undefined ? doesOf(action) : `${doesOf(action)} · ${shownKey(key)}`;
};

const wordsOf = (text: string, place: CommandPlace): PromptWords => {
  const parts = partsOf(text);
  const candidates = candidatesOf(parts, place);
  const fits = parts.word === '' || candidates.length > 0;
  const parsed = fits ? null : parseCommand(text, place);
  return {
    // What may still become something is not wrong yet.
    problem: parsed !== null && 'message' in parsed ? parsed : null,
    candidates,
    hint: hintOf(parts, place),
  };
};

/** So many lines of before can be had again. */
const historyLimit = 50;

/** What asks for an action by its name; `run` is told of each that is named whole. */
export const createCommandPrompt = (
  place: CommandPlace,
  run: (line: CommandLine) => void,
): (() => PromptAsk) => {
  let history: readonly string[] = [];
  return () => ({
    label: ':',
    history,
    words: (text) => wordsOf(text, place),
    enter: (text) => {
      if (text.trim() === '') return null;
      const line = parseCommand(text, place);
      if ('message' in line) return line;
      const said = [line.action.name, ...(line.argument === null ? [] : [line.argument])].join(' ');
      history = [...history.filter((each) => each !== said), said].slice(-historyLimit);
      run(line);
      return null;
    },
  });
};
