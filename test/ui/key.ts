import type { Key } from '../../source/ui/keymap.ts';

const none: Key = {
  ctrl: false,
  meta: false,
  shift: false,
  tab: false,
  escape: false,
  return: false,
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageUp: false,
  pageDown: false,
  home: false,
  end: false,
  backspace: false,
  delete: false,
};

/** A key as Ink tells of it: a plain letter, but for what is named. */
export const keyOf = (part: Partial<Key> = {}): Key => ({ ...none, ...part });
