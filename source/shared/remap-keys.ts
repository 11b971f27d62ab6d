import type { Action } from './action.ts';
import { actions } from './actions.ts';

/** An action that is on the screen, with its keys. */
export type KeyedAction = Action & { screen: NonNullable<Action['screen']> };

/** What is wrong with one of the lines, and what would be right. */
export type RemapProblem = { index: number; what: string; fix: string };

/** Everything that is on the screen, in the order of the table. */
export const keyedActions: readonly KeyedAction[] = actions.filter(
  (action): action is KeyedAction => action.screen !== undefined,
);

const keyName =
  /^(?:[^\p{C}\p{Z}]|ctrl\+[a-z]|shift\+tab|space|tab|enter|escape|up|down|left|right|pageup|pagedown|home|end|backspace|delete)$/u;

/** Nobody should have to look for the way out: these stay with their actions, whatever else those get. */
const fixed: Readonly<Record<string, string>> = { 'ctrl+c': 'quit', escape: 'back' };

/** Terminals send the same byte for both, and the right one is what we read. */
const sameByte: Readonly<Record<string, string>> = {
  'ctrl+h': 'backspace',
  'ctrl+i': 'tab',
  'ctrl+j': 'enter',
  'ctrl+m': 'enter',
};

const oneKey = 'name keys such as j, ctrl+x, space, pagedown';

const lineProblems = (
  name: string,
  keys: readonly string[],
  index: number,
  again: boolean,
): RemapProblem[] => {
  if (!keyedActions.some((action) => action.name === name)) {
    return [{ index, what: `${name} is no action of the screen`, fix: 'KEYS.md has the names' }];
  }
  const problems = keys.flatMap((key): RemapProblem[] => {
    if (!keyName.test(key)) return [{ index, what: `${key} is no key`, fix: oneKey }];
    const read = sameByte[key];
    if (read !== undefined) return [{ index, what: `${key} arrives as ${read}`, fix: 'take another key' }];
    const owner = fixed[key];
    if (owner === undefined || owner === name) return [];
    return [{ index, what: `${key} always belongs to ${owner}`, fix: 'take another key' }];
  });
  const twice = { index, what: `${name} stands there twice`, fix: 'put its keys into one entry' };
  return again ? [...problems, twice] : problems;
};

const meet = (a: KeyedAction, b: KeyedAction): boolean =>
  a.screen.where === 'all' || b.screen.where === 'all' || a.screen.where === b.screen.where;

/** Each key that would mean two things in one pane, said of the line that made it so. */
const conflicts = (table: readonly KeyedAction[], changed: ReadonlyMap<string, number>): RemapProblem[] =>
  table.flatMap((one, at) =>
    table.slice(at + 1).flatMap((other) => {
      const index = changed.get(other.name) ?? changed.get(one.name);
      if (index === undefined || !meet(one, other)) return [];
      return one.screen.keys
        .filter((key) => fixed[key] === undefined && other.screen.keys.includes(key))
        .map((key) => {
          const [mine, theirs] = changed.get(other.name) === index ? [other, one] : [one, other];
          const what = `${key} would be ${mine.name} and ${theirs.name}`;
          return { index, what, fix: `give ${theirs.name} another key, too` };
        });
    }),
  );

/**
 * The table with other keys: each line is the name of an action and all keys that it is to have, none for none. With all that is
 * wrong with the lines; the table is the usual one then.
 */
export const remapKeys = (
  lines: readonly string[],
): { actions: readonly KeyedAction[]; problems: readonly RemapProblem[] } => {
  const changed = new Map<string, number>();
  const wanted = new Map<string, readonly string[]>();
  const problems: RemapProblem[] = [];
  for (const [index, text] of lines.entries()) {
    const [name = '', ...keys] = text.trim().split(/\s+/);
    problems.push(...lineProblems(name, keys, index, changed.has(name)));
    changed.set(name, index);
    const kept = Object.keys(fixed).filter((key) => fixed[key] === name && !keys.includes(key));
    wanted.set(name, [...keys, ...kept]);
  }
  const table = keyedActions.map((action): KeyedAction => {
    const keys = wanted.get(action.name);
    return keys === undefined ? action : { ...action, screen: { ...action.screen, keys } };
  });
  const all = [...problems, ...conflicts(table, changed)];
  return { actions: all.length > 0 ? keyedActions : table, problems: all };
};
