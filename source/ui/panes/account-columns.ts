import { displayWidth } from '../../shared/display-width.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { AccountView, LimitWindow } from '../../shared/types.ts';
import { lengthOf } from '../../store/forecast.ts';
import { shortWidth } from '../../store/outlook-words.ts';
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
  | `empty ${number}`
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
  /**
   * One for each window that has a column: the width of its label (0 = the heading names it), of its bar, and of when it
   * will be empty.
   */
  windows: { label: number; bar: number; empty: number; heading: string | null }[];
  requests: boolean;
  flight: boolean;
  shown: AccountColumn[];
};

/** Mark of the selection, of the account that is next, and glyph of the state; a blank follows. */
const leadWidth = 3;

/** When a window is empty comes before the bar of the second one, where headings name the windows and save the room for it. */
const emptyColumn = (index: number, named: boolean): Column<AccountColumn> => ({
  id: `empty ${index}`,
  rank: index === 0 ? (named ? 3.5 : 7.2) : 7.5,
  min: shortWidth,
});

/**
 * Going from a wide to a narrow terminal columns are dropped in this order: the bars and windows from the third on, when
 * the second one is empty, its bar, the requests, those in flight, the state in full, when the first one is empty, the
 * second window, the first bar. Counters and times need a heading: a bare number says nothing.
 */
const columnTable = (
  name: number,
  labels: readonly { label: number; empties: boolean }[],
  counters: boolean,
): Column<AccountColumn>[] => {
  const windows = labels.flatMap(({ label, empties }, index): Column<AccountColumn>[] => [
    {
      id: `window ${index}`,
      rank: [1, 3][index] ?? 6 + 2 * index,
      min: (label === 0 ? 0 : label + 1) + percentWidth + 1 + countdownWidth,
      gap: 2,
    },
    ...(empties ? [emptyColumn(index, label === 0)] : []),
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

/** So many columns have room for when the second window is empty, with names and bars of a good length beside it. */
const secondEmpty = { named: 100, labelled: 110 };

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
    const hasRoom = index === 0 || columns >= (common === null ? secondEmpty.labelled : secondEmpty.named);
    const empties =
      headings &&
      index < 2 &&
      hasRoom &&
      lists.some((list) => list.slice(index, index + 1).some(({ id }) => lengthOf(id) !== null));
    return { empties, heading: common, label: common === null ? Math.min(7, Math.max(0, ...labels)) : 0 };
  });
  const table = columnTable(Math.min(longestName, 8), places, headings);
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
    .map(({ label, heading }, index) => ({
      label,
      heading,
      bar: widths.has(`bar ${index}`) ? shortBar + longer : 0,
      empty: widths.get(`empty ${index}`) ?? 0,
    }));
  return {
    name: (widths.get('name') ?? lead) - lead,
    state: widths.has('full-state') ? 11 : 7,
    windows,
    requests: widths.has('requests'),
    flight: widths.has('flight'),
    shown: fitted.map(({ id }) => id),
  };
};
