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
  /** Lines for the log as a pane, without its title; 0 = it has none. */
  log: number;
  /** A line for the newest log sentence alone. Without it and the pane the footer shows notices. */
  logLine: boolean;
  /** Which panes stand on the screen; one alone when it is zoomed. */
  shown: readonly Pane[];
  /** Which panes Tab goes through. */
  panes: readonly Pane[];
};

/** What the person chose of the layout. */
export type LayoutWish = {
  zoomed: boolean;
  logShown: boolean;
  /** There is no account and so no request: what to do first may take all but a line of their room. */
  empty?: boolean;
};

export const smallest: Size = { columns: 30, rows: 6 };
const wideColumns = 90;
const narrowColumns = 46;
/** Fewer rows than this leave nothing between titles. */
const titledRows = 10;
const headedRows = 14;
/** A narrow terminal that is that large has room for headings, and for a log of several lines. */
const roomy: Size = { columns: 70, rows: 22 };
/** Fewer rows than this have no room for a log of several lines, unless it has the keys. */
const loggedRows = 18;
/** So many requests are in view, however many accounts there are. */
const fewestRequests = 8;

const kindOf = ({ columns, rows }: Size): LayoutKind => {
  if (columns < smallest.columns || rows < smallest.rows) return 'small';
  if (columns < narrowColumns || rows < titledRows) return 'tiny';
  return columns < wideColumns ? 'narrow' : 'wide';
};

const between = (low: number, value: number, high: number): number => Math.max(low, Math.min(value, high));

const none = { titles: false, headings: false, accounts: 0, requests: 0, log: 0, logLine: false };

/** Header and footer only; the pane with the keys gets what an account needs to be seen leaves over. */
const tinyLayout = (size: Size, wanted: number, focus: Pane, base: Pick<Layout, 'panes'>): Layout => {
  const room = size.rows - 2;
  const accounts = focus === 'accounts' ? Math.min(wanted, room) : Math.min(wanted, 1);
  const rest = room - accounts;
  const log = focus === 'log' ? rest : 0;
  const shown: Pane[] = focus === 'log' ? ['accounts', 'log'] : ['accounts', 'requests'];
  return { ...none, ...base, ...size, kind: 'tiny', shown, accounts, requests: rest - log, log };
};

const isRoomy = ({ columns, rows }: Size): boolean => columns >= roomy.columns && rows >= roomy.rows;

const isHeaded = (kind: LayoutKind, size: Size): boolean =>
  isRoomy(size) || (kind === 'wide' && size.rows >= headedRows);

/** One pane between header and footer. */
const zoomedLayout = (size: Size, focus: Pane, base: Pick<Layout, 'panes' | 'kind'>): Layout => {
  const titles = base.kind !== 'tiny';
  const headings = isHeaded(base.kind, size);
  const headed = headings && focus !== 'log';
  const room = size.rows - 2 - (titles ? 1 : 0) - (headed ? 1 : 0);
  return { ...none, ...base, ...size, titles, headings, shown: [focus], [focus]: room };
};

/** Lines of the log as a pane: more in a taller terminal; 0 where one line has to do. */
const logLines = (kind: LayoutKind, { columns, rows }: Size, focus: Pane): number => {
  if (isRoomy({ columns, rows }) || (kind === 'wide' && rows >= loggedRows))
    return between(2, Math.floor(rows / 9), 6);
  return focus === 'log' ? between(2, Math.floor(rows / 6), 3) : 0;
};

/**
 * Divides the terminal. `wanted` is how many lines the accounts would fill; they get at most half of what is free, or
 * what enough requests leave over, the requests get the rest.
 */
export const layoutFor = (
  size: Size,
  wanted: number,
  focus: Pane,
  { zoomed, logShown, empty = false }: LayoutWish = { zoomed: false, logShown: true },
): Layout => {
  const kind = kindOf(size);
  const panes: Pane[] =
    kind === 'tiny' || !logShown ? ['accounts', 'requests'] : ['accounts', 'requests', 'log'];
  if (kind === 'small') return { ...none, ...size, kind, shown: [], panes };
  if (zoomed) return zoomedLayout(size, focus, { kind, panes });
  if (kind === 'tiny') return tinyLayout(size, wanted, focus, { panes });
  const headings = isHeaded(kind, size);
  const log = logShown ? logLines(kind, size, focus) : 0;
  const logLine = logShown && log === 0;
  // header, footer, two titles and their headings, and the log with its title
  const taken = 4 + (headings ? 2 : 0) + (logLine ? 1 : 0) + (log > 0 ? log + 1 : 0);
  const free = size.rows - taken;
  const most = empty ? free - 1 : Math.max(Math.ceil(free / 2), free - fewestRequests);
  const accounts = between(1, wanted, most);
  const requests = free - accounts;
  const shown: Pane[] = log > 0 ? ['accounts', 'requests', 'log'] : ['accounts', 'requests'];
  return { ...size, kind, titles: true, headings, accounts, requests, log, logLine, shown, panes };
};

/** The part of a list that is visible: `start` is moved as little as possible so that `selected` is in view. */
export const scrollTo = (selected: number, start: number, height: number, length: number): number => {
  const kept = Math.min(Math.max(start, selected - height + 1), selected);
  return Math.max(0, Math.min(kept, length - height));
};
