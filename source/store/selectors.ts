import type { AccountStateName, AccountView, EpochMs } from '../shared/types.ts';
import type { RequestRow, State } from './state.ts';

const usable: ReadonlySet<AccountStateName> = new Set(['ready', 'serving']);

/** Accounts that a new request could go to now, in their order. */
export const readyAccounts = ({ accounts }: Pick<State, 'accounts'>): AccountView[] =>
  accounts.filter(({ state }) => usable.has(state));

/**
 * The account that a new conversation would probably get: of the ready ones of the first priority the one whose
 * fullest window is least used, then the idlest. Null when none is ready. The worker decides, this only foretells.
 */
export const nextAccount = (state: Pick<State, 'accounts'>): AccountView | null => {
  const candidates = readyAccounts(state).sort(
    (a, b) =>
      a.priority - b.priority ||
      fullest(a) - fullest(b) ||
      a.inFlight - b.inFlight ||
      (a.lastUsedAt ?? 0) - (b.lastUsedAt ?? 0),
  );
  return candidates[0] ?? null;
};

const fullest = ({ windows }: AccountView): number =>
  Math.max(0, ...windows.map(({ utilization }) => utilization ?? 0));

/** The newest `count` rows, newest last. */
export const newestRows = ({ rows }: Pick<State, 'rows'>, count: number): readonly RequestRow[] =>
  count > 0 ? rows.slice(-count) : [];

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
