import { compactCount } from '../../shared/duration.ts';
import { displayWidth } from '../../shared/display-width.ts';
import type { WindowForecast } from '../../shared/forecast.ts';
import { isFull } from '../../shared/limit-window.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { AccountView, EpochMs, LimitWindow } from '../../shared/types.ts';
import { lengthOf } from '../../store/forecast.ts';
import { shortForecast } from '../../store/outlook-words.ts';
import { cell, cellsWidth, line, numberCell, paragraph, shorten, spacer, type Cell } from '../line.ts';
import type { Theme } from '../theme.ts';
import { gauge, percent } from '../widgets/gauge.ts';
import { countdownWidth, percentWidth, type AccountColumns } from './account-columns.ts';
import {
  looks,
  resetText,
  restsBriefly,
  shortState,
  shownWindows,
  stateText,
  windowLabel,
  windowTone,
} from './account-look.ts';
import { factLines } from './account-facts.ts';
import { remarkOf, remarkRoom, saysLittle, standingText } from './account-remark.ts';
import { markCell, rowsOf, type AccountPlace, type Row } from './account-row.ts';

type WindowColumn = AccountColumns['windows'][number];

const windowCells = (
  theme: Theme,
  window: LimitWindow | undefined,
  { label, bar, empty }: WindowColumn,
  forecast: WindowForecast | undefined,
  now: EpochMs,
): Cell[] => {
  const tone = window === undefined ? 'plain' : windowTone(window);
  const name: Cell = { text: window === undefined ? '' : windowLabel(window), width: label, tone: 'faint' };
  const share = window?.utilization ?? null;
  const early = empty === 0 && label > 0 ? emptyTime(window, forecast, bar, now) : null;
  const shownBar: Cell =
    early === null
      ? { text: gauge(share, bar, theme.glyphs), width: bar, tone }
      : numberCell(early, bar, 'warning');
  return [
    spacer,
    ...(label === 0 ? [] : [name]),
    ...(bar === 0 ? [] : [shownBar]),
    numberCell(window === undefined ? '' : percent(share), percentWidth, tone === 'good' ? 'plain' : tone),
    numberCell(window === undefined ? '' : resetText(window, now), countdownWidth),
    ...(empty === 0 ? [] : [emptyCell(window, forecast, empty, now)]),
  ];
};

/**
 * When the window will be empty before its reset, where rows name their windows themselves and there is no column for it:
 * it takes the place of the bar, whose share stands beside it. Null where there is nothing to say, or too little room.
 */
const emptyTime = (
  window: LimitWindow | undefined,
  forecast: WindowForecast | undefined,
  room: number,
  now: EpochMs,
): string | null => {
  if (window === undefined || isFull(window) || (forecast?.emptyAt ?? null) === null) return null;
  const text = shortForecast(forecast, now);
  return text.length <= room ? text : null;
};

/** When it will be empty, of a window that is not yet. */
const emptyCell = (
  window: LimitWindow | undefined,
  forecast: WindowForecast | undefined,
  width: number,
  now: EpochMs,
): Cell => {
  if (window === undefined || (forecast === undefined && lengthOf(window.id) === null)) {
    return numberCell('', width);
  }
  const soon = (forecast?.emptyAt ?? null) === null ? 'faint' : 'warning';
  // Under its heading: not before it begins anew.
  const left = forecast?.emptyAt === null ? 'no' : shortForecast(forecast, now);
  return numberCell(isFull(window) ? 'now' : left, width, soon);
};

/** Exact as long as its column has room. */
const requestCount = (n: number): string => (n < 100_000 ? String(n) : compactCount(n));

const forecastIn = (
  { forecast = {} }: AccountView,
  window: LimitWindow | undefined,
): WindowForecast | undefined => (window === undefined ? undefined : forecast[window.id]);

/** A row in three parts: who it is and how it stands, its windows, its counters. */
type Parts = { lead: Cell[]; windows: Cell[]; counters: Cell[] };

const partsOf = (theme: Theme, row: Row, columns: AccountColumns, now: EpochMs): Parts => {
  const { account } = row;
  const { short, tone } = columns.state < 11 ? shortState(account) : looks[account.state];
  const state = columns.state < 11 ? short : stateText(account, now);
  const windows = shownWindows(account, columns.windows);
  const busy = account.inFlight > 0 ? 'accent' : 'plain';
  return {
    lead: [
      markCell(theme, row),
      { text: sanitize(account.name, 60), width: columns.name },
      { text: state, width: columns.state, tone },
    ],
    windows: columns.windows.flatMap((column, index) =>
      windowCells(theme, windows[index], column, forecastIn(account, windows[index]), now),
    ),
    counters: [
      ...(columns.requests ? [spacer, numberCell(requestCount(account.requests), 5)] : []),
      ...(columns.flight ? [numberCell(String(account.inFlight), 6, busy)] : []),
    ],
  };
};

const used = 'used';

/**
 * What names a window's column: its name over the bar (`limit` where that stands in each row), `used` over its share,
 * `resets` over its countdown, `empty` over the forecast.
 */
const windowHeading = ({ label, bar, heading, empty }: WindowColumn): Cell[] => {
  const width = (label === 0 ? 0 : label + 1) + (bar === 0 ? 0 : bar + 1) + percentWidth;
  const name = heading ?? 'limit';
  const room = width - displayWidth(name) - 1;
  const text = room >= used.length ? `${name} ${used.padStart(room)}` : (heading ?? used.padStart(width));
  return [
    spacer,
    { text, width },
    numberCell('resets', countdownWidth),
    ...(empty === 0 ? [] : [numberCell('empty', empty)]),
  ];
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

/** The accounts have the whole screen: nothing that is said of one has to fit into a line. */
const isWhole = ({ facts }: AccountPlace): boolean => facts === 'all' || facts === 'everything';

/** The row and, where what else is to be said of the account finds no room in it, one below, or more where there is room. */
const rowLines = (
  theme: Theme,
  row: Row,
  columns: AccountColumns,
  hidden: readonly LimitWindow[],
  place: AccountPlace,
): string[] => {
  const { width, now } = place;
  const { account, selected } = row;
  const parts = partsOf(theme, row, columns, now);
  const own = [...parts.lead, ...parts.windows, ...parts.counters];
  const told = remarkOf(account, hidden, now);
  // What stays as it is for long stands there only where it finds room.
  const standing = told === '' || saysLittle(account) ? standingText(account) : '';
  const remark = standing === '' ? told : standing;
  if (remark === '') return [line(theme, own, width, selected)];
  const joined = withRemark(parts, { remark, known: account.windows.length > 0, width });
  const rowOnly = restsBriefly(account, now) || saysLittle(account) || standing !== '';
  if (joined !== null || rowOnly) return [line(theme, joined ?? own, width, selected)];
  const below = { columns: width, margin: 4, tone: 'faint' as const };
  const texts = isWhole(place) ? remark : shorten(theme, remark, width - 4);
  return [line(theme, own, width, selected), ...paragraph(theme, texts, below)];
};

const abouts = { hidden: 'none', all: 'plan', everything: 'everything' } as const;

/**
 * The lines of each account: its row and, where what else is to be said of it finds no room in that, one below. None for
 * what is over within seconds: it would push everything below up and down. Behind them what `place.facts` asks for.
 */
export const accountLines = (
  theme: Theme,
  accounts: readonly AccountView[],
  columns: AccountColumns,
  place: AccountPlace,
): string[][] => {
  const { width, now, facts = 'none' } = place;
  return rowsOf(accounts, place).map((row) => {
    const { account } = row;
    const hidden = shownWindows(account, columns.windows).slice(columns.windows.length);
    if (facts === 'none') return rowLines(theme, row, columns, hidden, place);
    const windows = facts === 'hidden' ? hidden : account.windows;
    return [
      ...rowLines(theme, row, columns, [], place),
      ...factLines(theme, account, windows, { width, now, about: abouts[facts] }),
    ];
  });
};
