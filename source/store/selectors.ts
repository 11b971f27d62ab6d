import type { AccountStateName, EpochMs } from '../shared/types.ts';
import type { LiveRequest, RequestRow, State } from './state.ts';

const usable: ReadonlySet<AccountStateName> = new Set(['ready', 'serving']);

/** Whether an account in that state takes requests now. */
export const serves = (state: AccountStateName): boolean => usable.has(state);

/** Whether it has ended badly; one that its client gave up has not, nor one that still runs. */
export const endedBadly = ({ kind, request }: RequestRow): boolean =>
  kind === 'finished' && request.outcome !== 'ok' && request.outcome !== 'aborted';

/** The requests that wait for an account, oldest first. */
export const heldRequests = ({ rows, inFlight }: Pick<State, 'rows' | 'inFlight'>): LiveRequest[] =>
  inFlight === 0
    ? []
    : rows.flatMap((row) =>
        row.kind === 'live' && row.request.heldUntil !== undefined ? [row.request] : [],
      );

const minuteMs = 60_000;

/**
 * Requests that arrived within the last minute. Where rows had to make room already and those left do not reach back
 * that far, their rate, scaled to a minute, but never more than there ever were.
 */
export const requestsPerMinute = ({ rows, seen }: Pick<State, 'rows' | 'seen'>, now: EpochMs): number => {
  const recent = rows.filter(({ request }) => now - request.at < minuteMs).length;
  // Finished rows make room first, so the oldest of them tells how far back the rows are complete.
  const oldest = rows.find(({ kind }) => kind === 'finished');
  const reach = oldest === undefined || seen <= rows.length ? minuteMs : now - oldest.request.at;
  return reach >= minuteMs ? recent : Math.min(seen, Math.round((recent * minuteMs) / Math.max(1, reach)));
};

/**
 * Index of the row or line with that `seq`, or of the next newer one when it is gone; the last index at most, -1 when
 * there is none. They stand in the order of their numbers.
 */
export const indexOfSeq = (items: readonly { seq: number }[], seq: number): number => {
  let low = 0;
  let high = items.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.seq ?? Infinity) < seq) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, items.length - 1);
};
