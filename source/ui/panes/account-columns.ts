import { displayWidth } from '../../shared/display-width.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { AccountView, LimitWindow } from '../../shared/types.ts';
import { rowWindows, windowLabel } from './account-look.ts';
import { fitColumns, fittedWidth, type Column } from './columns.ts';

/** Columns of the accounts; `window` and `bar` count from 0. */
export type AccountColumn =
  | 'name'
  | 'state'
  | 'full-state'
  | 'requests'
  | 'flight'
  | `window ${number}`
  | `bar ${number}`;

/** `100%` and `47h59m?` */
export const percentWidth = 4;
export const countdownWidth = 7;
const shortBar = 5;
/** On a terminal with room to spare. */
const longBar = { usual: 10, vast: 20 };
const vastColumns = 150;
const mostWindows = 6;

/** What is the same for all accounts of a pane, so that they stand below each other. */
export type AccountColumns = {
  /** Of the name, without the glyphs before it. */
  name: number;
  state: number;
  /** One for each window that has a column: the width of its label (0 = the heading names it) and of its bar. */
  windows: { label: number; bar: number; heading: string | null }[];
  requests: boolean;
  flight: boolean;
  shown: AccountColumn[];
};

/** Mark of the selection, of the account that is next, and glyph of the state; a blank follows. */
const leadWidth = 3;

/**
 * Going from a wide to a narrow terminal columns are dropped in this order: the bars and windows from the third on, the
 * second bar, the requests, those in flight, the state in full, the second window, the first bar. Counters need a
 * heading: a bare number says nothing.
 */
const columnTable = (name: number, labels: readonly number[], counters: boolean): Column<AccountColumn>[] => {
  const windows = labels.flatMap((label, index): Column<AccountColumn>[] => [
    {
      id: `window ${index}`,
      rank: [1, 3][index] ?? 6 + 2 * index,
      min: (label === 0 ? 0 : label + 1) + percentWidth + 1 + countdownWidth,
      gap: 2,
    },
    { id: `bar ${index}`, rank: [2, 7][index] ?? 7 + 2 * index, min: shortBar },
  ]);
  const counts: Column<AccountColumn>[] = [
    { id: 'requests', rank: 6, min: 5, gap: 2 },
    { id: 'flight', rank: 5, min: 6 },
  ];
  return [
    { id: 'name', rank: 0, min: leadWidth + 1 + name, gap: 0 },
    { id: 'state', rank: 0, min: 7 },
    { id: 'full-state', rank: 4, min: 4, gap: 0 },
    ...windows,
    ...(counters ? counts : []),
  ];
};

/** The label that every account has at that place, so that a heading can name it; null when they differ. */
const commonLabel = (lists: readonly LimitWindow[][], index: number): string | null => {
  const labels = new Set(lists.flatMap((windows) => windows.slice(index, index + 1).map(windowLabel)));
  const [label] = labels;
  return labels.size === 1 && label !== undefined ? label : null;
};

/** The columns for these accounts in so many cells; `headings`: a line above can name them. */
export const accountColumns = (
  accounts: readonly AccountView[],
  columns: number,
  headings: boolean,
): AccountColumns => {
  const names = accounts.map(({ name }) => displayWidth(sanitize(name, 60)));
  // The heading of the names takes seven.
  const longestName = Math.max(headings ? 7 : 4, ...names);
  const lists = accounts.map(({ windows }) => rowWindows(windows));
  const count = Math.min(mostWindows, Math.max(1, ...lists.map(({ length }) => length)));
  const places = Array.from({ length: count }, (_, index) => {
    const common = headings ? commonLabel(lists, index) : null;
    const labels = lists.flatMap((list) =>
      list.slice(index, index + 1).map((each) => displayWidth(windowLabel(each))),
    );
    return { heading: common, label: common === null ? Math.min(7, Math.max(0, ...labels)) : 0 };
  });
  const table = columnTable(
    Math.min(longestName, 8),
    places.map(({ label }) => label),
    headings,
  );
  const lead = leadWidth + 1;
  const fitted = fitColumns(
    table,
    // One more than the longest, so that no name touches its state.
    [{ id: 'name', to: lead + Math.min(longestName + (headings ? 0 : 1), columns < 110 ? 12 : 20) }],
    columns,
  );
  const widths = new Map(fitted.map(({ id, width }) => [id, width]));
  const bars = fitted.filter(({ id }) => id.startsWith('bar ')).length;
  const left = columns - fittedWidth(fitted);
  const longest = columns < vastColumns ? longBar.usual : longBar.vast;
  const longer = Math.min(longest - shortBar, bars === 0 ? 0 : Math.floor(left / bars));
  const windows = places
    .filter((_, index) => widths.has(`window ${index}`))
    .map((place, index) => ({ ...place, bar: widths.has(`bar ${index}`) ? shortBar + longer : 0 }));
  return {
    name: (widths.get('name') ?? lead) - lead,
    state: widths.has('full-state') ? 11 : 7,
    windows,
    requests: widths.has('requests'),
    flight: widths.has('flight'),
    shown: fitted.map(({ id }) => id),
  };
};
