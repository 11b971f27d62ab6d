import { standardKeys, type Keymap } from './keymap.ts';

/** From an index to another one; `page` lines are seen, `last` is the last index. Not yet kept inside the list. */
export type Move = (at: number, page: number, last: number) => number;

/** How each action that moves in a list or a text does it. */
export const moves: Readonly<Record<string, Move>> = {
  'select.next': (at) => at + 1,
  'select.previous': (at) => at - 1,
  // One line stays in view, so that the eye finds its place again.
  'select.page-down': (at, page) => at + Math.max(1, page - 1),
  'select.page-up': (at, page) => at - Math.max(1, page - 1),
  'select.first': () => 0,
  'select.last': (_, __, last) => last,
};

/** The index itself, or the nearest one that the list has; 0 where it is empty. */
export const clamp = (index: number, last: number): number => Math.max(0, Math.min(index, last));

/** Where a key leads that a dialog got, by the same keys as in the panes; stays where it is with every other key. */
export const movedBy = (
  key: string,
  at: number,
  { page, last }: { page: number; last: number },
  keys: Keymap = standardKeys,
): number => {
  // Those keys mean the same in every pane.
  const move = moves[keys.actionFor(key, 'accounts')?.name ?? ''];
  return clamp(move === undefined ? at : move(at, page, last), last);
};
