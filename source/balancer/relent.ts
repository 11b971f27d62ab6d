import { usedShare, type AccountRuntime } from './account-state.ts';
import type { Judged } from './choice-words.ts';
import { isUsedUp } from './limits.ts';
import { overageRule } from './overage.ts';
import { isFull, type Hindrance } from './places.ts';
import { applies, holds } from './rests.ts';
import type { Candidate } from './strategies.ts';
import { windowBlock } from './window-block.ts';
import type { EpochMs } from '../shared/types.ts';

// Servers take a limit back now and then, long before the reset that they told. Nobody would learn of it: whoever is limited
// is left alone. So where every account is limited, a request that would be refused may ask the least spent one all the same.

/** How long a server's word on a limit is believed without asking again. */
const believedMs = 5 * 60_000;

/**
 * When the server last said that the account is limited for that model, or was asked all the same; null when something
 * else than the server's limits keeps the account out, such as a cap, or nothing does.
 */
const toldAt = ({ record, runtime }: Candidate, model: string | null, now: EpochMs): number | null => {
  const { rests, windows, lastUsedAt, askedAnywayAt } = runtime;
  let at: number | null = null;
  const noted = (time: number | null): void => {
    at = Math.max(at ?? 0, time ?? 0, askedAnywayAt ?? 0);
  };
  for (const rest of rests) {
    if (rest.until <= now || !holds(rest, model)) continue;
    if (rest.state !== 'limited') return null;
    noted(lastUsedAt);
  }
  const { serves, told, alone } = overageRule(record, runtime, now);
  if (alone !== null) return null;
  for (const window of windows) {
    const block = applies(window.scope, model) ? windowBlock(window, record, serves, now) : null;
    if (block === null) continue;
    if (told(block).state !== 'limited') return null;
    noted(window.seenAt);
  }
  return at;
};

/** Whether a request may ask that limited account all the same: once in five minutes, and not while another one asks it. */
const mayAskAnyway = (candidate: Candidate, model: string | null, now: EpochMs): boolean => {
  const at = toldAt(candidate, model, now);
  return at !== null && now - at >= believedMs && candidate.runtime.inFlight === 0;
};

const brief: ReadonlySet<string> = new Set(['benched', 'pacing', 'refreshing', 'full']);

/** Whether the account is free, or will be within a minute by all that is known: that is better waited for. */
const isSoonFree = (block: Hindrance | null, now: EpochMs): boolean =>
  block === null || brief.has(block.state) || (block.until !== null && block.until - now < 60_000);

/** The least spent account that may be asked all the same, of a pool that is limited as a whole; empty for nobody. */
const relentingOf = (judged: readonly Judged[], model: string | null, now: EpochMs): Candidate[] => {
  const fitting = judged.filter(({ misfit }) => misfit === null);
  if (fitting.some(({ block }) => isSoonFree(block, now))) return [];
  return fitting
    .filter(({ block, tried }) => block?.state === 'limited' && !tried)
    .map(({ candidate }) => candidate)
    .filter((candidate) => mayAskAnyway(candidate, model, now))
    .toSorted((a, b) => usedShare(a.runtime, model, now) - usedShare(b.runtime, model, now))
    .slice(0, 1);
};

/**
 * The account whose back-off ends first; a pool in trouble is asked by one request, not by all. Nobody while one that
 * serves is only full: a place there is better waited for.
 */
const probeOf = (judged: readonly Judged[]): Candidate[] => {
  const fitting = judged.filter(({ misfit, tried }) => misfit === null && !tried);
  if (fitting.some(({ block }) => block?.state === 'full')) return [];
  return fitting
    .filter((each) => each.block?.state === 'benched' && !isFull(each))
    .toSorted((a, b) => (a.block?.until ?? 0) - (b.block?.until ?? 0))
    .slice(0, 1)
    .map(({ candidate }) => candidate);
};

/** Whom to ask when nobody can serve: one that is in back-off, else one that is limited, where that is allowed. */
export const lastResortOf = (
  judged: readonly Judged[],
  { model, mayRelent = false }: { model: string | null; mayRelent?: boolean },
  now: EpochMs,
): Candidate[] => {
  const probe = probeOf(judged);
  return probe.length === 0 && mayRelent ? relentingOf(judged, model, now) : probe;
};

/** The account after it has served that model although it was limited: the limit is no more. The same one for null. */
export const relented = (
  runtime: AccountRuntime,
  served: { model: string | null } | null,
): AccountRuntime => {
  if (served === null) return runtime;
  const { model } = served;
  return {
    ...runtime,
    rests: runtime.rests.filter((rest) => rest.state !== 'limited' || !holds(rest, model)),
    windows: runtime.windows.filter((window) => !isUsedUp(window) || !applies(window.scope, model)),
  };
};
