import type { NotifyWay, ThemeName } from '../shared/look.ts';

/** How a person wants the screen, by settings and by the command line; what the terminal can show is decided elsewhere. */
export type Look = {
  theme: ThemeName;
  notify: NotifyWay;
  /** Other keys, each `ACTION KEY…`. */
  keys: readonly string[];
  /** Fewer columns and no empty lines, also where there is room. */
  compact: boolean;
  /** The terminal tells of the mouse, and no longer selects text by itself. */
  mouse: boolean;
};

export const usualLook: Look = { theme: 'auto', notify: 'off', keys: [], compact: false, mouse: false };
