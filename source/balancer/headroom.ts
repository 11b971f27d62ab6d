import { RecentMap } from '../shared/recent-map.ts';
import type { AccountId, EpochMs, LimitWindow } from '../shared/types.ts';
import { applies, maxKept } from './rests.ts';
import type { Candidate, Strategy } from './strategies.ts';
import { isSamePeriod } from './window-news.ts';

// How much a window holds no provider tells, but each answer tells which share of it is used: what was spent between two
// answers, divided by how much the share has risen, is the whole. Others who use the account make that too small, which
// errs to the safe side.

/** Whether somebody else has more room for new work. All amounts of work are in the unit of `workOf`. */
export type Headroom = {
  /** So much was spent. */
  spent(account: AccountId, model: string | null, work: number): void;
  /** An answer has told of these windows. */
  told(account: AccountId, windows: readonly LimitWindow[]): void;
  /** How much room its fullest window leaves; Infinity when nobody knows. */
  roomOf(candidate: Candidate, model: string | null, now: EpochMs): number;
  /** Forgets an account. */
  forget(account: AccountId): void;
};

type Learned = {
  scope: string | null;
  /** Spent while the share rose by `rise`. */
  work: number;
  rise: number;
  /** Spent since the share was told last. */
  since: number;
  share: number | null;
  resetsAt: EpochMs | null;
};

const nothing: Learned = { scope: null, work: 0, rise: 0, since: 0, share: null, resetsAt: null };

/** Shares come in whole per cent: after fewer the guess is worth nothing. */
const enoughRise = 0.02;

/** A week holds about as much as so many windows of five hours, where it has not told yet. */
const weekInShort = 8;

/** As many as there may be; what ends after its account has gone leaves something behind. */
const mostAccounts = 1000;

export const createHeadroom = (): Headroom => {
  const accounts = new RecentMap<Map<string, Learned>>(mostAccounts);
  const learnedOf = (account: AccountId): Map<string, Learned> => {
    const known = accounts.get(account);
    if (known !== undefined) return known;
    const learned = new Map<string, Learned>();
    accounts.set(account, learned);
    return learned;
  };
  return {
    spent(account, model, work) {
      if (!(work > 0)) return;
      for (const known of accounts.get(account)?.values() ?? []) {
        if (applies(known.scope, model)) known.since += work;
      }
    },
    told(account, windows) {
      if (windows.length === 0) return;
      const learned = learnedOf(account);
      for (const window of windows) {
        const known = learned.get(window.id) ?? nothing;
        if (learned.has(window.id) || learned.size < maxKept)
          learned.set(window.id, afterAnswer(known, window));
      }
    },
    roomOf({ record, runtime }, model, now) {
      const learned = accounts.get(record.id);
      return learned === undefined ? Infinity : leastRoom(learned, runtime.windows, model, now);
    },
    forget: (account) => accounts.forget((_, key) => key === account),
  };
};

/** A share that fell is of an older answer; in another period the count begins anew, and what was learned stays. */
const afterAnswer = (known: Learned, window: LimitWindow): Learned => {
  const { scope, utilization, resetsAt } = window;
  if (utilization === null || resetsAt === null) return known;
  if (known.share === null || !isSamePeriod(window, known)) {
    return { ...known, scope, since: 0, share: utilization, resetsAt };
  }
  const rise = utilization - known.share;
  if (rise < 0) return known;
  return { ...known, work: known.work + known.since, rise: known.rise + rise, since: 0, share: utilization };
};

/** How much work a window holds as a whole; null when too little is known. */
const capacityOf = (learned: ReadonlyMap<string, Learned>, id: string): number | null => {
  const known = learned.get(id);
  if (known !== undefined && known.rise >= enoughRise) return known.work / known.rise;
  const short = id === '7d' ? capacityOf(learned, '5h') : null;
  return short === null ? null : weekInShort * short;
};

const leastRoom = (
  learned: ReadonlyMap<string, Learned>,
  windows: readonly LimitWindow[],
  model: string | null,
  now: EpochMs,
): number => {
  let least = Number.POSITIVE_INFINITY;
  for (const { id, scope, utilization, resetsAt } of windows) {
    if (utilization === null || resetsAt === null || resetsAt <= now || !applies(scope, model)) continue;
    const capacity = capacityOf(learned, id);
    // Figures too large to add up tell nothing.
    if (capacity !== null && Number.isFinite(capacity))
      least = Math.min(least, Math.max(0, 1 - utilization) * capacity);
  }
  return least;
};

/**
 * Those with room for so much work; where nobody has, those with the most. `need` is asked only where somebody's room is
 * known. The given list itself when all of them have.
 */
export const withRoom = (
  candidates: readonly Candidate[],
  roomOf: (candidate: Candidate) => number,
  need: () => number,
): readonly Candidate[] => {
  if (candidates.length < 2) return candidates;
  const rooms = candidates.map((candidate) => roomOf(candidate));
  if (rooms.every((room) => room === Number.POSITIVE_INFINITY)) return candidates;
  const wanted = Math.min(need(), Math.max(...rooms));
  return rooms.every((room) => room >= wanted)
    ? candidates
    : candidates.filter((_, index) => (rooms[index] ?? 0) >= wanted);
};

/** Those that a strategy lets new work go to; the given list itself where it does not ask, or nothing is known. */
export const roomyOf = (
  line: readonly Candidate[],
  { headroom }: Pick<Strategy, 'headroom'>,
  { roomOf, need }: { roomOf?(candidate: Candidate): number; need?(): number },
): readonly Candidate[] =>
  headroom === undefined || roomOf === undefined || need === undefined ? line : withRoom(line, roomOf, need);

const noneFull = (): boolean => false;

/** Tells who of the line was left out for want of room. Asked for what is told, of one after the other. */
export const fullOnes = (
  line: readonly Candidate[],
  roomy: readonly Candidate[],
): ((candidate: Candidate) => boolean) => {
  if (line === roomy) return noneFull;
  let full: ReadonlySet<Candidate> | null = null;
  return (candidate) => (full ??= without(line, roomy)).has(candidate);
};

const without = (line: readonly Candidate[], roomy: readonly Candidate[]): ReadonlySet<Candidate> => {
  const left = new Set(line);
  for (const candidate of roomy) left.delete(candidate);
  return left;
};
