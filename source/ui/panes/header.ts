import { sanitize } from '../../shared/sanitize.ts';
import type { EpochMs } from '../../shared/types.ts';
import { requestsPerMinute, serves } from '../../store/selectors.ts';
import type { State } from '../../store/state.ts';
import type { LayoutKind } from '../layout.ts';
import { cell, cellsWidth, line, spacer, type Cell } from '../line.ts';
import { timeOfDay } from './request-texts.ts';
import type { Theme, Tone } from '../theme.ts';

type Part = { cell: Cell; /** Parts with a higher number go first when there is no room. */ rank: number };

const part = (text: string, rank: number, tone: Tone = 'plain'): Part => ({ cell: cell(text, tone), rank });

const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;

const headerParts = (state: State, kind: LayoutKind, now: EpochMs): Part[] => {
  const { accounts, inFlight, totals, dropped } = state;
  const address = state.url === null ? 'starting' : sanitize(state.url).replace(/^https?:\/\//, '');
  const ready = accounts.filter((account) => serves(account.state)).length;
  const rate = requestsPerMinute(state, now);
  const errors: Tone = totals.errors > 0 ? 'bad' : 'plain';
  const none: Tone = accounts.length > 0 && ready === 0 ? 'bad' : 'plain';
  if (kind === 'wide') {
    return [
      part('ccr-tui', 6, 'strong'),
      part(address, 0),
      part(`${plural(accounts.length, 'account')}, ${ready} ready`, 1, none),
      part(`${inFlight} in flight`, 3),
      part(`${rate} req/min`, 4),
      part(plural(totals.errors, 'error'), 2, errors),
      ...(dropped > 0 ? [part(`${plural(dropped, 'event')} lost`, 5, 'warning')] : []),
    ];
  }
  return [
    ...(kind === 'narrow' ? [part('ccr-tui', 6, 'strong')] : []),
    part(address.replace(/^.*(?=:\d+$)/, ''), 0),
    part(`${ready}/${accounts.length} ready`, 1, none),
    part(`${inFlight} open`, 5),
    part(`${rate}/min`, 4),
    part(`${totals.errors} err`, 2, errors),
  ];
};

/** Name, address, how many accounts serve, what flows now, and the time at the right end. */
export const headerLine = (
  theme: Theme,
  state: State,
  { kind, columns, now }: { kind: LayoutKind; columns: number; now: EpochMs },
): string => {
  const margin = kind === 'tiny' ? '' : ' ';
  const wide = kind === 'wide';
  const demo = state.demo === true ? [part('demo', -1, 'warning')] : [];
  const parts = [...demo, ...headerParts(state, kind, now)];
  const time = timeOfDay(now).slice(0, 5);
  const cellsOf = (): Cell[] =>
    parts.flatMap(({ cell }, index) => (index > 0 && kind !== 'tiny' ? [spacer, cell] : [cell]));
  while (parts.length > 1 && cellsWidth(cellsOf()) + margin.length > columns) {
    const worst = Math.max(...parts.map(({ rank }) => rank));
    parts.splice(
      parts.findIndex(({ rank }) => rank === worst),
      1,
    );
  }
  const free = columns - margin.length - cellsWidth(cellsOf());
  const clock: Cell[] =
    free >= time.length + 2 && (wide || kind === 'narrow')
      ? [{ text: time, width: free - 2, align: 'right', tone: 'faint' }]
      : [];
  return margin + line(theme, [...cellsOf(), ...clock], columns - margin.length);
};
