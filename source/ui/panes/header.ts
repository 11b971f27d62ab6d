import { clockTime } from '../../shared/local-time.ts';
import { plural } from '../../shared/plural.ts';
import { sanitize } from '../../shared/sanitize.ts';
import { wholePercent } from '../../shared/whole-percent.ts';
import type { EpochMs } from '../../shared/types.ts';
import { heldRequests, requestsPerMinute, serves } from '../../store/selectors.ts';
import type { State } from '../../store/state.ts';
import type { LayoutKind } from '../layout.ts';
import { cell, cellsWidth, line, spacer, type Cell } from '../line.ts';
import type { Theme, Tone } from '../theme.ts';
import { errorMinutes, failsNow, isRateEstimated, minuteCounts, recentErrors, sparkline } from './rate.ts';

type PartName =
  | 'demo'
  | 'readOnly'
  | 'unwritten'
  | 'capture'
  | 'budget'
  | 'address'
  | 'strategy'
  | 'accounts'
  | 'errors'
  | 'flight'
  | 'rate'
  | 'lost'
  | 'history'
  | 'name'
  | 'clock';

/** What goes last when there is no room for everything, in few words, comes first; the name of the program goes first. */
const importance: readonly PartName[] = [
  'demo',
  'readOnly',
  'capture',
  'unwritten',
  'budget',
  'address',
  'accounts',
  'errors',
  'rate',
  'strategy',
  'flight',
  'lost',
  'clock',
  'history',
  'name',
];

/** `room`: what the text takes when its numbers have as many digits as they usually reach. */
type Words = { text: string; room?: number };

/** `short`: the same in fewer columns. */
type Part = Words & { name: PartName; tone?: Tone; short?: Words };

/** Which parts are said in fewer columns before anything is left out, the first of them first. */
const shortened: readonly PartName[] = ['strategy', 'accounts', 'rate', 'flight', 'errors', 'history'];

/** Bars of the sparkline, one for each minute, and how many of them where there is little room. */
const minutes = 8;
const fewMinutes = 5;

type HeaderPlace = {
  kind: LayoutKind;
  columns: number;
  now: EpochMs;
  readOnly?: boolean;
  /** The other machine it runs on. */
  host?: string | null;
};

/** Before it listens there is a place of the same width for where it will, and no address. */
const addressOf = ({ url, expected }: State, wide: boolean): string => {
  const known = url ?? expected;
  if (known === undefined) return 'starting';
  const full = sanitize(known).replace(/^https?:\/\//, '');
  const text = wide ? full : full.replace(/^.*(?=:\d+$)/, '');
  if (url !== null) return text;
  return wide ? 'starting'.padEnd(text.length) : text.replaceAll(/\d/g, '-');
};

const strategyPart = ({ strategy }: State): Part[] => {
  if (strategy === undefined) return [];
  const text = sanitize(strategy, 20);
  return [{ name: 'strategy', text: `strategy ${text}`, short: { text } }];
};

/** The budget that is spent furthest; one that refuses requests before one that does not. */
const budgetPart = ({ budgets = [] }: State, { now }: HeaderPlace): Part[] => {
  const [worst] = budgets
    .filter(({ resetsAt }) => resetsAt > now)
    .toSorted((a, b) => b.share - a.share || Number(b.hard) - Number(a.hard));
  if (worst === undefined) return [];
  const text = worst.share < 1 ? `budget ${wholePercent(worst.share)}%` : 'budget spent';
  return [{ name: 'budget', text, tone: worst.share >= 1 && worst.hard ? 'bad' : 'warning' }];
};

const barsPart = (theme: Theme, state: State, now: EpochMs): Part => {
  const text = sparkline(minuteCounts(state, now, minutes), theme.sparks);
  return { name: 'history', text, short: { text: text.slice(-fewMinutes) } };
};

/** What is said of accounts and traffic, in full words and in few. */
const trafficParts = (
  state: State,
  now: EpochMs,
): Readonly<Record<'ready' | 'flight' | 'rate' | 'errors', Part>> => {
  const { accounts, inFlight } = state;
  const ready = accounts.filter((account) => serves(account.state)).length;
  const rate = `${isRateEstimated(state, now) ? '~' : ''}${requestsPerMinute(state, now)}`.padStart(2);
  const { count, atLeast } = recentErrors(state, now);
  const errors = `${count}${atLeast ? '+' : ''} err`;
  const waiting = heldRequests(state).length;
  // Beside each other the two are all that the list shows as running, as its accounts count it.
  const held = waiting > 0 ? `, ${waiting} held` : '';
  return {
    ready: {
      name: 'accounts',
      text: `${plural(accounts.length, 'account')}, ${ready} ready`,
      tone: accounts.length > 0 && ready === 0 ? 'bad' : 'plain',
      short: { text: `${ready}/${accounts.length} ready` },
    },
    flight: {
      name: 'flight',
      text: `${inFlight - waiting} in flight${held}`,
      room: 12,
      short: { text: `${inFlight - waiting} open${held}`, room: 7 },
    },
    rate: { name: 'rate', text: `${rate} req/min`, room: 11, short: { text: `${rate}/min`, room: 7 } },
    errors: {
      name: 'errors',
      text: `${errors}/${errorMinutes}m`,
      room: 9,
      // Red is for what goes wrong now.
      tone: count > 0 && failsNow(state, now) ? 'bad' : 'plain',
      short: { text: errors, room: 6 },
    },
  };
};

const inShort = (part: Part): Part => ({ ...part, ...part.short });

const partsOf = (theme: Theme, state: State, { kind, now, host = null }: HeaderPlace): Part[] => {
  const { dropped } = state;
  const wide = kind === 'wide';
  // An address of this machine means another one there.
  const on = host === null ? '' : ` on ${sanitize(host, 40)}`;
  const address: Part = { name: 'address', text: `${addressOf(state, wide)}${on}` };
  const { ready, flight, rate, errors } = trafficParts(state, now);
  const bars = barsPart(theme, state, now);
  const clock: Part = { name: 'clock', text: clockTime(now), tone: 'faint' };
  const title: Part = { name: 'name', text: 'ccr-tui', tone: 'strong' };
  const lost: Part[] =
    dropped > 0 ? [{ name: 'lost', text: `${plural(dropped, 'event')} lost`, tone: 'warning' }] : [];
  const nobody: Part = { name: 'accounts', text: 'no account yet' };
  // Figures of nothing say nothing.
  if (state.accounts.length === 0 && state.seen === 0)
    return kind === 'tiny' ? [address, nobody] : [title, address, nobody, clock];
  if (kind === 'tiny') {
    // Where a demo listens matters less than what happens in it.
    const where = state.demo === true ? [] : [address];
    return [...where, ...[ready, flight, rate, errors].map(inShort)];
  }
  if (!wide) return [title, address, ready, flight, rate, bars, errors, clock];
  return [title, address, ...strategyPart(state), ready, flight, rate, bars, errors, ...lost, clock];
};

/** What must be seen at every size, and so comes first. */
const warningParts = (state: State, place: HeaderPlace): Part[] => [
  // Nobody may take simulated figures for real ones, however narrow it gets.
  ...(state.demo === true ? [warningPart('demo', 'demo')] : []),
  ...(place.readOnly === true ? [warningPart('readOnly', 'READ-ONLY')] : []),
  // Whoever works here should know, at every size.
  ...(state.capture === undefined ? [] : [warningPart('capture', 'capturing')]),
  // What is missing from the history later must be no surprise then.
  ...(state.historyOff === true ? [warningPart('unwritten', 'history off')] : []),
  ...budgetPart(state, place),
];

const warningPart = (name: PartName, text: string): Part => ({ name, text, tone: 'warning' });

const cellsOf = (shown: readonly Part[], kind: LayoutKind): Cell[] =>
  shown.flatMap(({ name, text, tone }, index) => {
    const own = cell(text, tone);
    // The bars belong to the rate before them.
    return index > 0 && kind !== 'tiny' && name !== 'history' ? [spacer, own] : [own];
  });

/** As many of the parts as have room, in fewer words before anything is left out. */
const fitting = (all: readonly Part[], room: number, kind: LayoutKind): Part[] => {
  let parts = [...all];
  // What is left out must not come and go with a digit.
  const spare = ({ text, room: usual = 0 }: Part): number => Math.max(0, usual - text.length);
  const fits = (): boolean =>
    parts.reduce((sum, part) => sum + spare(part), cellsWidth(cellsOf(parts, kind))) <= room;
  for (const name of shortened) {
    if (fits()) break;
    parts = parts.map((part) => (part.name === name ? inShort(part) : part));
  }
  for (const name of importance.toReversed()) {
    if (parts.length <= 1 || fits()) break;
    parts = parts.filter((part) => part.name !== name);
  }
  // What was left out has made room for whole words again.
  for (const name of shortened.toReversed()) {
    const brief = parts;
    parts = parts.map((part) =>
      part.name === name ? (all.find((each) => each.name === name) ?? part) : part,
    );
    if (!fits()) parts = brief;
  }
  return parts;
};

/** Name, address, how many accounts serve, what flows now, what went wrong lately, and the time at the right end. */
export const headerLine = (theme: Theme, state: State, place: HeaderPlace): string => {
  const { kind, columns } = place;
  const margin = kind === 'tiny' ? '' : ' ';
  const room = columns - margin.length;
  const parts = fitting([...warningParts(state, place), ...partsOf(theme, state, place)], room, kind);
  const cells = cellsOf(parts, kind);
  const last = cells.at(-1);
  if (parts.at(-1)?.name === 'clock' && last !== undefined) {
    last.width += room - cellsWidth(cells);
    last.align = 'right';
  }
  return margin + line(theme, cells, room);
};
