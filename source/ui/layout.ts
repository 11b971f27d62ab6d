import type { Pane } from '../shared/action.ts';

export type Size = { columns: number; rows: number };

/** `small`: nothing fits but one line that says so. */
export type LayoutKind = 'wide' | 'narrow' | 'tiny' | 'small';

/** How many lines each part of the screen gets. They add up to the rows of the terminal, except for `small`. */
export type Layout = Size & {
  kind: LayoutKind;
  /** Lines with panes' titles; tiny screens have none. */
  titles: boolean;
  /** Lines with the columns' names under the titles. */
  headings: boolean;
  /** Lines for accounts, without title and heading. */
  accounts: number;
  /** Lines for requests, without title and heading. */
  requests: number;
  /** A line for the newest log message; without it the footer shows notices. */
  log: boolean;
};

export const smallest: Size = { columns: 30, rows: 6 };
const wideColumns = 90;
const narrowColumns = 46;
/** Fewer rows than this leave nothing between titles. */
const titledRows = 10;
const headedRows = 14;

const kindOf = ({ columns, rows }: Size): LayoutKind => {
  if (columns < smallest.columns || rows < smallest.rows) return 'small';
  if (columns < narrowColumns || rows < titledRows) return 'tiny';
  return columns < wideColumns ? 'narrow' : 'wide';
};

/** Header and footer only; the pane with the keys gets what the other one leaves over. */
const tinyLayout = (size: Size, wanted: number, focus: Pane): Layout => {
  const room = size.rows - 2;
  const accounts = focus === 'accounts' ? Math.min(wanted, room) : Math.min(wanted, 1);
  return {
    ...size,
    kind: 'tiny',
    titles: false,
    headings: false,
    accounts,
    requests: room - accounts,
    log: false,
  };
};

/**
 * Divides the terminal. `wanted` is how many lines the accounts would fill; they get at most half of what is free,
 * the requests get the rest.
 */
export const layoutFor = (size: Size, wanted: number, focus: Pane): Layout => {
  const kind = kindOf(size);
  if (kind === 'small') {
    return { ...size, kind, titles: false, headings: false, accounts: 0, requests: 0, log: false };
  }
  if (kind === 'tiny') return tinyLayout(size, wanted, focus);
  const headings = kind === 'wide' && size.rows >= headedRows;
  // header, two titles, log, footer, and the headings
  const free = size.rows - 5 - (headings ? 2 : 0);
  const accounts = Math.max(1, Math.min(wanted, Math.ceil(free / 2)));
  return { ...size, kind, titles: true, headings, accounts, requests: free - accounts, log: true };
};

/** The part of a list that is visible: `start` is moved as little as possible so that `selected` is in view. */
export const scrollTo = (selected: number, start: number, height: number, length: number): number => {
  const kept = Math.min(Math.max(start, selected - height + 1), selected);
  return Math.max(0, Math.min(kept, length - height));
};
