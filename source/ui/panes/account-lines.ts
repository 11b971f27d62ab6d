import { countdown, parseAge } from '../../shared/duration.ts';
import { displayWidth } from '../../shared/display-width.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { AccountStateName, AccountView, EpochMs, LimitWindow } from '../../shared/types.ts';
import { serves } from '../../store/selectors.ts';
import type { LayoutKind } from '../layout.ts';
import { cell, cellsWidth, line, numberCell, spacer, type Cell } from '../line.ts';
import type { Glyphs, Theme, Tone } from '../theme.ts';
import { gauge, percent } from '../widgets/gauge.ts';

type Look = { glyph: keyof Glyphs; tone: Tone; short: string };

const looks: Readonly<Record<AccountStateName, Look>> = {
  ready: { glyph: 'full', tone: 'good', short: 'ready' },
  serving: { glyph: 'full', tone: 'accent', short: 'serving' },
  limited: { glyph: 'cross', tone: 'bad', short: 'limited' },
  benched: { glyph: 'half', tone: 'warning', short: 'benched' },
  pacing: { glyph: 'half', tone: 'warning', short: 'pacing' },
  capped: { glyph: 'half', tone: 'warning', short: 'capped' },
  paused: { glyph: 'empty', tone: 'faint', short: 'paused' },
  'needs-login': { glyph: 'cross', tone: 'bad', short: 'login' },
  refreshing: { glyph: 'turn', tone: 'accent', short: 'refresh' },
  error: { glyph: 'cross', tone: 'bad', short: 'error' },
};

/** Short words for the windows with the longest names. */
const windowWords: Readonly<Record<string, string>> = {
  requests: 'req',
  tokens: 'tok',
  'input-tokens': 'in',
  'output-tokens': 'out',
};

const windowLabel = ({ id, scope }: LimitWindow): string =>
  sanitize(scope === null ? (windowWords[id] ?? id) : `${windowWords[id] ?? id} ${scope}`, 40);

const rank = ({ id, scope }: LimitWindow): number =>
  (scope === null ? 0 : 4) + (id === '5h' ? 0 : id === '7d' ? 1 : 2);

/** The 5-hour and the weekly window first, then the server's order. */
export const orderedWindows = (windows: readonly LimitWindow[]): LimitWindow[] =>
  [...windows].sort((a, b) => rank(a) - rank(b));

const windowTone = ({ utilization, status }: LimitWindow): Tone => {
  if (status === 'rejected' || (utilization ?? 0) >= 1) return 'bad';
  return (utilization ?? 0) >= 0.8 || status === 'allowed_warning' ? 'warning' : 'good';
};

/** `47h59m?` is the longest countdown. */
const countdownWidth = 7;
const percentWidth = 4;

const resetText = ({ id, resetsAt, seenAt }: LimitWindow, now: EpochMs): string =>
  countdown(resetsAt, now, { seenAt, windowMs: parseAge(id) });

/** How wide the columns are, the same for every account of a pane. */
type Columns = { name: number; label: number; gauges: number[] };

const windowWidth = (label: number, bar: number): number =>
  1 + label + 1 + (bar === 0 ? 0 : bar + 1) + percentWidth + 1 + countdownWidth + 1;

const lead = { wide: 11, narrow: 7 };
const counterWidth = 1 + 5 + 1 + 6 + 1;

/** As many windows as fit, with bars of 4 to 10 cells; on narrow screens the later ones go without a bar. */
const columnsFor = (accounts: readonly AccountView[], columns: number, kind: 'wide' | 'narrow'): Columns => {
  const longest = Math.max(7, ...accounts.map(({ name }) => displayWidth(sanitize(name, 60))));
  const name = Math.min(longest, kind === 'wide' ? (columns < 110 ? 12 : 20) : 8);
  const labels = accounts.flatMap(({ windows }) => windows.map((each) => displayWidth(windowLabel(each))));
  const label = Math.min(Math.max(2, ...labels), kind === 'wide' ? 10 : 5);
  const most = Math.max(1, ...accounts.map(({ windows }) => windows.length));
  const room = columns - (1 + 1 + 1 + 1 + name + 1 + lead[kind]) - (kind === 'wide' ? counterWidth : 0);
  if (kind === 'narrow') {
    const first = Math.max(0, Math.min(10, room - windowWidth(label, 0) - 1));
    const bar = Math.min(first, 5);
    const rest = Math.max(0, Math.floor((room - windowWidth(label, bar)) / windowWidth(label, 0)));
    return { name, label, gauges: [bar, ...Array.from({ length: Math.min(rest, most - 1) }, () => 0)] };
  }
  const count = Math.max(1, Math.min(most, Math.floor(room / windowWidth(label, 4))));
  const bar = Math.max(4, Math.min(10, Math.floor(room / count) - windowWidth(label, 0) - 1));
  return { name, label, gauges: Array.from({ length: count }, () => bar) };
};

const windowCells = (theme: Theme, window: LimitWindow, label: number, bar: number, now: EpochMs): Cell[] => {
  const tone = windowTone(window);
  const bars: Cell[] =
    bar === 0 ? [] : [{ text: gauge(window.utilization, bar, theme.glyphs), width: bar, tone }];
  return [
    { text: windowLabel(window), width: label, tone: 'faint' },
    ...bars,
    numberCell(percent(window.utilization), percentWidth, tone === 'good' ? 'plain' : tone),
    numberCell(resetText(window, now), countdownWidth),
  ];
};

/** Why it does not serve and when it will again, in words; empty when it serves or when the state says it all. */
export const reasonText = (account: AccountView, now: EpochMs): string => {
  if (serves(account.state) || account.state === 'paused') return '';
  const back = account.availableAt === null ? '' : `back in ${countdown(account.availableAt, now)}`;
  const reason = account.reason === null ? '' : sanitize(account.reason);
  return [reason, back].filter((part) => part !== '').join('; ');
};

const briefMs = 60_000;

/**
 * Whether the account rests for so short a time that a line for the reason would come and go and push everything
 * below it up and down: the state then says it, with the seconds where the column has room.
 */
const restsBriefly = ({ state, availableAt, windows }: AccountView, now: EpochMs): boolean =>
  (state === 'pacing' || state === 'benched') &&
  windows.length > 0 &&
  availableAt !== null &&
  availableAt - now < briefMs;

type Row = { account: AccountView; selected: boolean };

const leadCells = (
  theme: Theme,
  { account, selected }: Row,
  name: number,
  kind: 'wide' | 'narrow',
  now: EpochMs,
): Cell[] => {
  const look = looks[account.state];
  const left = kind === 'wide' && restsBriefly(account, now) ? ` ${countdown(account.availableAt, now)}` : '';
  const word = kind === 'wide' ? account.state + left : look.short;
  return [
    cell(selected ? theme.glyphs.select : ' ', 'accent'),
    cell(theme.glyphs[look.glyph], look.tone),
    { text: sanitize(account.name, 60), width: name },
    { text: word, width: lead[kind], tone: look.tone },
  ];
};

/** The columns of the windows; `free` = what stands there instead when the account has none may take so many. */
const bodyCells = (
  theme: Theme,
  row: Row,
  widths: Columns,
  { reason, free, now }: { reason: string; free: number; now: EpochMs },
): Cell[] => {
  const blank = widths.gauges.map((bar) => windowWidth(widths.label, bar));
  const room = blank.reduce((sum, width) => sum + width, 0) - 1;
  const windows = orderedWindows(row.account.windows);
  if (windows.length === 0) return [{ text: reason, width: Math.max(room, free), tone: 'faint' }];
  return widths.gauges.flatMap((bar, index) => {
    const window = windows[index];
    if (window === undefined) return [spacer, { text: '', width: (blank[index] ?? 2) - 2 }];
    return [spacer, ...windowCells(theme, window, widths.label, bar, now)];
  });
};

const tinyLine = (theme: Theme, { account, selected }: Row, columns: number, now: EpochMs): string => {
  const look = looks[account.state];
  const tightest = account.windows.toSorted((a, b) => (b.utilization ?? -1) - (a.utilization ?? -1))[0];
  const reset = tightest === undefined ? '' : resetText(tightest, now);
  const share = tightest === undefined ? '' : percent(tightest.utilization);
  const free = serves(account.state);
  return line(
    theme,
    [
      cell((selected ? theme.glyphs.select : ' ') + theme.glyphs[look.glyph], look.tone),
      { text: sanitize(account.name, 60), width: 11 },
      numberCell(free ? share : look.short, 7, free ? 'plain' : look.tone),
      numberCell(
        free || account.availableAt === null ? reset : countdown(account.availableAt, now),
        countdownWidth,
      ),
    ],
    columns,
    selected,
  );
};

/** The line over the accounts of a wide screen that names the columns. */
export const accountHeading = (theme: Theme, accounts: readonly AccountView[], columns: number): string => {
  const { name, label, gauges } = columnsFor(accounts, columns, 'wide');
  const limits = gauges.reduce((sum, bar) => sum + windowWidth(label, bar), 0) - 2;
  const cells: Cell[] = [
    { text: '   account', width: 4 + name },
    { text: 'state', width: lead.wide },
    spacer,
    { text: 'limits: used, resets in', width: limits },
    spacer,
    numberCell('req', 5),
    numberCell('flight', 6),
  ];
  return line(
    theme,
    cells.map((each) => ({ ...each, tone: 'faint' as const })),
    columns,
  );
};

/**
 * The lines of each account: its row and, where the reason why it does not serve finds no room in that, the reason
 * below. `selected` is an index, -1 marks none.
 */
export const accountLines = (
  theme: Theme,
  accounts: readonly AccountView[],
  place: { kind: LayoutKind; columns: number; selected: number; now: EpochMs },
): string[][] => {
  const { kind, columns, now } = place;
  const rows = accounts.map((account, index) => ({ account, selected: index === place.selected }));
  if (kind === 'tiny' || kind === 'small') return rows.map((row) => [tinyLine(theme, row, columns, now)]);
  const widths = columnsFor(accounts, columns, kind);
  return rows.map((row) => {
    const { account, selected } = row;
    const reason = reasonText(account, now);
    const lead = leadCells(theme, row, widths.name, kind, now);
    // Only the counters of a wide screen stand to the right of the windows, and have to stay in line.
    const free = kind === 'wide' ? 0 : columns - cellsWidth(lead) - 1;
    const cells = [...lead, ...bodyCells(theme, row, widths, { reason, free, now })];
    if (kind === 'wide') {
      const busy = account.inFlight > 0 ? 'accent' : 'plain';
      cells.push(
        spacer,
        numberCell(String(account.requests), 5),
        numberCell(String(account.inFlight), 6, busy),
      );
    }
    if (reason === '' || account.windows.length === 0) return [line(theme, cells, columns, selected)];
    const tail = columns - cellsWidth(cells) - 2;
    if (displayWidth(reason) <= tail) {
      return [line(theme, [...cells, spacer, cell(reason, 'faint')], columns, selected)];
    }
    if (restsBriefly(account, now)) return [line(theme, cells, columns, selected)];
    const below = line(theme, [cell('   '), { text: reason, width: columns - 4, tone: 'faint' }], columns);
    return [line(theme, cells, columns, selected), below];
  });
};
