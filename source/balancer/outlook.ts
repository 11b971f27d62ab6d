import { asEpoch, type AccountId, type EpochMs } from '../shared/types.ts';
import type { Judged } from './choice-words.ts';
import type { Hindrance } from './places.ts';

// What a request may hope for that cannot go where it would.

export type Outlook = {
  /** When the account of its conversation, and the first of all, has got its breath back; null when none has to. */
  pacedUntil: Record<'home' | 'first', EpochMs | null>;
  /** The account of its conversation has no place free. */
  isHomeFull: boolean;
  /** That is so of some account that could take it. */
  isFull: boolean;
};

/** `home`: the account that the conversation would stay at if it could, null for none. Pure. */
export const outlookOf = (judged: readonly Judged[], home: AccountId | null): Outlook => {
  const outlook: Outlook = { pacedUntil: { home: null, first: null }, isHomeFull: false, isFull: false };
  const { pacedUntil } = outlook;
  for (const { record, block, misfit, tried } of judged) {
    if (block === null || misfit !== null) continue;
    const isHome = record.id === home;
    if (block.state === 'full' && !tried) {
      outlook.isFull = true;
      outlook.isHomeFull ||= isHome;
    }
    if (block.state !== 'pacing' || block.until === null) continue;
    if (isHome) pacedUntil.home = block.until;
    if (pacedUntil.first === null || block.until < pacedUntil.first) pacedUntil.first = block.until;
  }
  return outlook;
};

/** Why nobody can serve: see `Choice`. */
export type NobodyWhy = 'no_account' | 'all_limited' | 'all_overloaded';

const waiting: ReadonlySet<string> = new Set(['limited', 'capped', 'pacing']);

/** Their end is when something is looked at again, and no promise that they serve then. */
const waitForPeople: ReadonlySet<string> = new Set(['error', 'needs-login']);

/**
 * A pool whose every usable account is limited says so; one where some are only busy, or in back-off, is overloaded, for
 * it may serve any moment. `availableAt`: when the first of them does again; null when nobody knows. `budget`: see `Choice`. Pure.
 */
export const reasonOf = (
  blocks: readonly (Hindrance | null)[],
): { why: NobodyWhy; availableAt: EpochMs | null; budget?: true } => {
  if (blocks.some((block) => block?.state === 'full')) return { why: 'all_overloaded', availableAt: null };
  const timed = blocks.flatMap((block) =>
    block?.until && !waitForPeople.has(block.state) ? [{ ...block, until: block.until }] : [],
  );
  if (timed.length === 0) return { why: 'no_account', availableAt: null };
  const availableAt = asEpoch(Math.min(...timed.map(({ until }) => until)));
  const limited = timed.every(({ state }) => waiting.has(state));
  const budget = timed.every((block) => block.budget === true);
  return { why: limited ? 'all_limited' : 'all_overloaded', availableAt, ...(budget && { budget }) };
};
