import { compactCount, countdown } from '../../shared/duration.ts';
import { displayWidth } from '../../shared/display-width.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { AccountId, AccountView, EpochMs, LimitWindow } from '../../shared/types.ts';
import { serves } from '../../store/selectors.ts';
import { cell, cellsWidth, line, numberCell, spacer, type Cell } from '../line.ts';
import type { Theme } from '../theme.ts';
import { gauge, percent } from '../widgets/gauge.ts';
import { countdownWidth, percentWidth, type AccountColumns } from './account-columns.ts';
import {
  looks,
  resetText,
  restsBriefly,
  rowWindows,
  stateText,
  windowLabel,
  windowTone,
} from './account-look.ts';
import { remarkOf, remarkRoom, saysLittle } from './account-remark.ts';

type Row = { account: AccountView; selected: boolean; next: boolean };

/** Mark of the selection, mark of the account that is next, glyph of the state. */
const markCell = ({ glyphs }: Theme, { account, selected, next }: Row): Cell => {
  const look = looks[account.state];
  const marks = (selected ? glyphs.select : ' ') + (next ? glyphs.next : ' ');
  return cell(marks + glyphs[look.glyph], look.tone);
};

type WindowColumn = AccountColumns['windows'][number];

const windowCells = (
  theme: Theme,
  window: LimitWindow | undefined,
  { label, bar }: WindowColumn,
  now: EpochMs,
): Cell[] => {
  const tone = window === undefined ? 'plain' : windowTone(window);
  const name: Cell = { text: window === undefined ? '' : windowLabel(window), width: label, tone: 'faint' };
  const share = window?.utilization ?? null;
  const shownBar: Cell = { text: gauge(share, bar, theme.glyphs), width: bar, tone };
  return [
    spacer,
    ...(label === 0 ? [] : [name]),
    ...(bar === 0 ? [] : [shownBar]),
    numberCell(window === undefined ? '' : percent(share), percentWidth, tone === 'good' ? 'plain' : tone),
    numberCell(window === undefined ? '' : resetText(window, now), countdownWidth),
  ];
};

/** Exact as long as its column has room. */
const requestCount = (n: number): string => (n < 100_000 ? String(n) : compactCount(n));

/** A row in three parts: who it is and how it stands, its windows, its counters. */
type Parts = { lead: Cell[]; windows: Cell[]; counters: Cell[] };

const partsOf = (theme: Theme, row: Row, columns: AccountColumns, now: EpochMs): Parts => {
  const { account } = row;
  const look = looks[account.state];
  const state = columns.state < 11 ? look.short : stateText(account, now);
  const windows = rowWindows(account.windows);
  const busy = account.inFlight > 0 ? 'accent' : 'plain';
  return {
    lead: [
      markCell(theme, row),
      { text: sanitize(account.name, 60), width: columns.name },
      { text: state, width: columns.state, tone: look.tone },
    ],
    windows: columns.windows.flatMap((column, index) => windowCells(theme, windows[index], column, now)),
    counters: [
      ...(columns.requests ? [spacer, numberCell(requestCount(account.requests), 5)] : []),
      ...(columns.flight ? [numberCell(String(account.inFlight), 6, busy)] : []),
    ],
  };
};

const used = 'used';

/**
 * What names a window's column: its name over the bar (`limit` where that stands in each row), `used` over its share and
 * `resets` over its countdown.
 */
const windowHeading = ({ label, bar, heading }: WindowColumn): Cell[] => {
  const width = (label === 0 ? 0 : label + 1) + (bar === 0 ? 0 : bar + 1) + percentWidth;
  const name = heading ?? 'limit';
  const room = width - displayWidth(name) - 1;
  const text = room >= used.length ? `${name} ${used.padStart(room)}` : (heading ?? used.padStart(width));
  return [spacer, { text, width }, numberCell('resets', countdownWidth)];
};

/** The line over the accounts of a wide screen that names the columns. */
export const accountHeading = (theme: Theme, columns: AccountColumns, width: number): string => {
  const cells: Cell[] = [
    { text: '    account', width: 4 + columns.name },
    { text: 'state', width: columns.state },
    ...columns.windows.flatMap((column) => windowHeading(column)),
    ...(columns.requests ? [spacer, numberCell('req', 5)] : []),
    ...(columns.flight ? [numberCell('flight', 6)] : []),
  ];
  return line(
    theme,
    cells.map((each) => ({ ...each, tone: 'faint' as const })),
    width,
  );
};

export type AccountPlace = {
  width: number;
  /** Index of the selected account; -1 marks none. */
  selected: number;
  next: AccountId | null;
  now: EpochMs;
};

const rowsOf = (accounts: readonly AccountView[], { selected, next }: AccountPlace): Row[] =>
  accounts.map((account, index) => ({
    account,
    selected: index === selected,
    next: account.id === next,
  }));

/** The row with the remark in it, where it finds room: in place of windows that are not known, else at the end. */
const withRemark = (
  { lead, windows, counters }: Parts,
  { remark, known, width }: { remark: string; known: boolean; width: number },
): Cell[] | null => {
  const cells = [...lead, ...windows, ...counters];
  const words = remarkRoom(remark);
  // Counters have to stay in line; without them all the rest of the row is free.
  const place = counters.length === 0 ? width - cellsWidth(lead) - 2 : cellsWidth(windows) - 1;
  if (!known && words <= place) {
    return [...lead, spacer, { text: remark, width: place, tone: 'faint' }, ...counters];
  }
  return words <= width - cellsWidth(cells) - 2 ? [...cells, spacer, cell(remark, 'faint')] : null;
};

/**
 * The lines of each account: its row and, where what else is to be said of it finds no room in that, one below. None for
 * what is over within seconds: it would push everything below up and down.
 */
export const accountLines = (
  theme: Theme,
  accounts: readonly AccountView[],
  columns: AccountColumns,
  place: AccountPlace,
): string[][] => {
  const { width, now } = place;
  return rowsOf(accounts, place).map((row) => {
    const { account, selected } = row;
    const parts = partsOf(theme, row, columns, now);
    const own = [...parts.lead, ...parts.windows, ...parts.counters];
    const remark = remarkOf(account, rowWindows(account.windows).slice(columns.windows.length), now);
    if (remark === '') return [line(theme, own, width, selected)];
    const joined = withRemark(parts, { remark, known: account.windows.length > 0, width });
    const rowOnly = restsBriefly(account, now) || saysLittle(account);
    if (joined !== null || rowOnly) return [line(theme, joined ?? own, width, selected)];
    const below: Cell[] = [cell('   '), { text: remark, width: width - 4, tone: 'faint' }];
    return [line(theme, own, width, selected), line(theme, below, width)];
  });
};

/** Farther apart the name and its figures do not look like one line. */
const longestTinyName = 24;

/** Each account in one short line: the tightest of its windows, or the state of one that does not serve or has none. */
export const tinyAccountLines = (
  theme: Theme,
  accounts: readonly AccountView[],
  place: AccountPlace,
): string[] => {
  const { width, now } = place;
  return rowsOf(accounts, place).map((row) => {
    const { account, selected } = row;
    const { tone, short } = looks[account.state];
    const tightest = account.windows.toSorted((a, b) => (b.utilization ?? -1) - (a.utilization ?? -1))[0];
    const back = account.availableAt === null ? '' : countdown(account.availableAt, now);
    const [text, left] =
      serves(account.state) && tightest !== undefined
        ? [percent(tightest.utilization), resetText(tightest, now)]
        : [short, back];
    return line(
      theme,
      [
        markCell(theme, row),
        { text: sanitize(account.name, 60), width: Math.max(6, Math.min(width - 20, longestTinyName)) },
        numberCell(text, 7, serves(account.state) ? 'plain' : tone),
        numberCell(left, countdownWidth),
      ],
      width,
      selected,
    );
  });
};
