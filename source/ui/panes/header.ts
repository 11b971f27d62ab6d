import { clockTime } from '../../shared/local-time.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { EpochMs } from '../../shared/types.ts';
import { requestsPerMinute, serves } from '../../store/selectors.ts';
import type { State } from '../../store/state.ts';
import type { LayoutKind } from '../layout.ts';
import { cell, cellsWidth, line, spacer, type Cell } from '../line.ts';
import type { Theme, Tone } from '../theme.ts';
import { errorMinutes, minuteCounts, recentErrors, sparkline } from './rate.ts';

type PartName =
  | 'demo'
  | 'readOnly'
  | 'address'
  | 'accounts'
  | 'errors'
  | 'flight'
  | 'rate'
  | 'lost'
  | 'history'
  | 'name'
  | 'clock';

/** What goes last when there is no room for everything comes first; the name of the program and the clock go first. */
const importance: readonly PartName[] = [
  'demo',
  'readOnly',
  'address',
  'accounts',
  'errors',
  'rate',
  'flight',
  'lost',
  'clock',
  'history',
  'name',
];

/** `room`: what the text takes when its numbers have as many digits as they usually reach. */
type Part = { name: PartName; text: string; tone?: Tone; room?: number };

const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
const digits = (n: number): string => String(n).padStart(2);

/** Bars of the sparkline, one for each minute. */
const minutes = 8;

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

const partsOf = (theme: Theme, state: State, { kind, now, host = null }: HeaderPlace): Part[] => {
  const { accounts, inFlight, dropped } = state;
  const wide = kind === 'wide';
  const address = addressOf(state, wide);
  // An address of this machine means another one there.
  const on = host === null ? '' : ` on ${sanitize(host, 40)}`;
  const ready = accounts.filter((account) => serves(account.state)).length;
  const rate = requestsPerMinute(state, now);
  const { count, atLeast } = recentErrors(state, now);
  const errors = `${count}${atLeast ? '+' : ''}`;
  const none: Tone = accounts.length > 0 && ready === 0 ? 'bad' : 'plain';
  const bad: Tone = count > 0 ? 'bad' : 'plain';
  const bars: Part = { name: 'history', text: sparkline(minuteCounts(state, now, minutes), theme.sparks) };
  const clock: Part = { name: 'clock', text: clockTime(now), tone: 'faint' };
  const title: Part = { name: 'name', text: 'ccr-tui', tone: 'strong' };
  const lost: Part[] =
    dropped > 0 ? [{ name: 'lost', text: `${plural(dropped, 'event')} lost`, tone: 'warning' }] : [];
  if (!wide) {
    const short: Part[] = [
      { name: 'address', text: `${address}${on}` },
      { name: 'accounts', text: `${ready}/${accounts.length} ready`, tone: none },
      { name: 'flight', text: `${inFlight} open`, room: 7 },
      { name: 'rate', text: `${digits(rate)}/min`, room: 7 },
      { name: 'errors', text: `${errors} err`, tone: bad, room: 6 },
    ];
    return kind === 'narrow' ? [title, ...short.slice(0, 4), bars, ...short.slice(4), clock] : short;
  }
  return [
    title,
    { name: 'address', text: `${address}${on}` },
    { name: 'accounts', text: `${plural(accounts.length, 'account')}, ${ready} ready`, tone: none },
    { name: 'flight', text: `${inFlight} in flight`, room: 12 },
    { name: 'rate', text: `${digits(rate)} req/min`, room: 11 },
    bars,
    { name: 'errors', text: `${errors} err/${errorMinutes}m`, tone: bad, room: 9 },
    ...lost,
    clock,
  ];
};

/** Name, address, how many accounts serve, what flows now, what went wrong lately, and the time at the right end. */
export const headerLine = (theme: Theme, state: State, place: HeaderPlace): string => {
  const { kind, columns, readOnly = false } = place;
  const margin = kind === 'tiny' ? '' : ' ';
  const room = columns - margin.length;
  // Nobody may take simulated figures for real ones, however narrow it gets.
  const demo: Part[] = state.demo === true ? [{ name: 'demo', text: 'demo', tone: 'warning' }] : [];
  const only: Part[] = readOnly ? [{ name: 'readOnly', text: 'READ-ONLY', tone: 'warning' }] : [];
  const parts = [...demo, ...only, ...partsOf(theme, state, place)];
  const cellsOf = (shown: readonly Part[]): Cell[] =>
    shown.flatMap(({ name, text, tone }, index) => {
      const own = cell(text, tone);
      // The bars belong to the rate before them.
      return index > 0 && kind !== 'tiny' && name !== 'history' ? [spacer, own] : [own];
    });
  // What is left out must not come and go with a digit.
  const spare = ({ text, room: usual = 0 }: Part): number => Math.max(0, usual - text.length);
  const needed = (): number => parts.reduce((sum, part) => sum + spare(part), cellsWidth(cellsOf(parts)));
  for (const name of importance.toReversed()) {
    if (parts.length <= 1 || needed() <= room) break;
    const at = parts.findIndex((part) => part.name === name);
    if (at !== -1) parts.splice(at, 1);
  }
  const cells = cellsOf(parts);
  const last = cells.at(-1);
  if (parts.at(-1)?.name === 'clock' && last !== undefined) {
    last.width += room - cellsWidth(cells);
    last.align = 'right';
  }
  return margin + line(theme, cells, room);
};
