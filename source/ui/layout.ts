import type { Pane } from '../shared/action.ts';

export type Size = { columns: number; rows: number };

/** `small`: nothing fits but one line that says so. */
export type LayoutKind = 'wide' | 'narrow' | 'tiny' | 'small';

/** How many lines each part of the screen gets. They add up to the rows of the terminal, except for `small`. */
export type Layout = Size & {
  kind: LayoutKind;
  /** Lines with panes' titles; tiny screens have none. */
  titles: boolean;
  /** A line with the columns' names under the title of the accounts, and one under that of the requests. */
  headings: boolean;
  requestHeading: boolean;
  /** Lines for accounts, without title and heading. */
  accounts: number;
  /** Lines for requests, without title and heading. */
  requests: number;
  /** Lines for the log as a pane, without its title; 0 = it has none. */
  log: number;
  /** A line for the newest log sentence alone. Without it and the pane the footer shows notices. */
  logLine: boolean;
  /** A prompt has the line above the footer, and the footer. */
  prompt: boolean;
  /** So many lines under the header are a banner's. */
  banner: number;
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
  /** A prompt is open and takes a line of a list. */
  prompt?: boolean;
  /** A banner stands under the header and takes so many lines of a list. */
  banner?: number;
  /** As in a narrow terminal, also where there is room for more. */
  compact?: boolean;
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

const none = {
  titles: false,
  headings: false,
  requestHeading: false,
  accounts: 0,
  requests: 0,
  log: 0,
  logLine: false,
  prompt: false,
  banner: 0,
};

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

/** From so many rows on the figures of requests have names also where those of accounts do without. */
const namedRows = 18;

const isHeaded = (kind: LayoutKind, size: Size): boolean =>
  isRoomy(size) || (kind === 'wide' && size.rows >= headedRows);

/** Which lists have the names of their columns; `bare`: those of requests only where those of accounts have, too. */
const headingsFor = (
  kind: LayoutKind,
  size: Size,
  bare: boolean,
): Pick<Layout, 'headings' | 'requestHeading'> => {
  const headings = isHeaded(kind, size);
  return { headings, requestHeading: headings || (kind === 'narrow' && size.rows >= namedRows && !bare) };
};

/** One pane between header and footer. */
const zoomedLayout = (
  size: Size,
  focus: Pane,
  base: Pick<Layout, 'panes' | 'kind' | 'headings' | 'requestHeading'>,
): Layout => {
  const titles = base.kind !== 'tiny';
  const headed = focus === 'requests' ? base.requestHeading : base.headings && focus === 'accounts';
  const room = size.rows - 2 - (titles ? 1 : 0) - (headed ? 1 : 0);
  return { ...none, ...base, ...size, titles, shown: [focus], [focus]: room };
};

/** Lines of the log as a pane: more in a taller terminal; 0 where one line has to do. */
const logLines = (kind: LayoutKind, { columns, rows }: Size, focus: Pane): number => {
  if (isRoomy({ columns, rows }) || (kind === 'wide' && rows >= loggedRows))
    return between(2, Math.floor(rows / 9), 6);
  return focus === 'log' ? between(2, Math.floor(rows / 6), 3) : 0;
};

const divided = (
  size: Size,
  wanted: number,
  focus: Pane,
  { zoomed, logShown, empty = false, compact = false }: LayoutWish,
): Layout => {
  // What a terminal has room for that is just too narrow for headings.
  const shape = compact ? { ...size, columns: Math.min(size.columns, roomy.columns - 1) } : size;
  const kind = kindOf(shape);
  const panes: Pane[] =
    kind === 'tiny' || !logShown ? ['accounts', 'requests'] : ['accounts', 'requests', 'log'];
  if (kind === 'small') return { ...none, ...size, kind, shown: [], panes };
  const { headings, requestHeading } = headingsFor(kind, shape, compact || empty);
  if (zoomed) return zoomedLayout(size, focus, { kind, panes, headings, requestHeading });
  if (kind === 'tiny') return tinyLayout(size, wanted, focus, { panes });
  const log = logShown ? logLines(kind, shape, focus) : 0;
  const logLine = logShown && log === 0;
  // header, footer, two titles and their headings, and the log with its title
  const taken = 4 + Number(headings) + Number(requestHeading) + (logLine ? 1 : 0) + (log > 0 ? log + 1 : 0);
  const free = size.rows - taken;
  const most = empty ? free - 1 : Math.max(Math.ceil(free / 2), free - fewestRequests);
  const accounts = between(1, wanted, most);
  const requests = free - accounts;
  const shown: Pane[] = log > 0 ? ['accounts', 'requests', 'log'] : ['accounts', 'requests'];
  const parts = { titles: true, headings, requestHeading, accounts, requests, log, logLine };
  return { ...none, ...size, kind, ...parts, shown, panes };
};

/** A line less for the requests, or for the longest list where they have none to spare. */
const withLess = (layout: Layout): Layout => {
  const { accounts, requests, log } = layout;
  const most = Math.max(accounts, requests, log);
  const from = requests > 1 || requests === most ? 'requests' : accounts === most ? 'accounts' : 'log';
  return { ...layout, [from]: layout[from] - 1 };
};

/**
 * Divides the terminal. `wanted` is how many lines the accounts would fill; they get at most half of what is free, or
 * what enough requests leave over, the requests get the rest.
 */
export const layoutFor = (
  size: Size,
  wanted: number,
  focus: Pane,
  wish: LayoutWish = { zoomed: false, logShown: true },
): Layout => {
  const whole = divided(size, wanted, focus, wish);
  if (whole.kind === 'small') return whole;
  const { prompt = false, banner = 0 } = wish;
  let layout: Layout = { ...whole, prompt, banner };
  for (let taken = banner + (prompt ? 1 : 0); taken > 0; taken -= 1) layout = withLess(layout);
  return layout;
};

/** Rows between the header, or the banner under it, and what stands at the foot. */
export const innerRows = ({ rows, prompt, banner }: Pick<Layout, 'rows' | 'prompt' | 'banner'>): number =>
  rows - 2 - (prompt ? 1 : 0) - banner;

/** The part of a list that is visible: `start` is moved as little as possible so that `selected` is in view. */
export const scrollTo = (selected: number, start: number, height: number, length: number): number => {
  const kept = Math.min(Math.max(start, selected - height + 1), selected);
  return Math.max(0, Math.min(kept, length - height));
};
