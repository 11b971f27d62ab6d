import type { EpochMs } from '../shared/types.ts';

/** A time during which an account is left alone, for all requests or for some models. */
export type Rest = {
  state: 'limited' | 'pacing' | 'benched' | 'error' | 'needs-login';
  until: EpochMs;
  /** Only requests for models that contain this word rest; null = all. */
  scope: string | null;
  /** Only requests for exactly this model rest; null = all. */
  model: string | null;
  reason: string;
};

/** Windows, rests and refused models of one account: ever new names must not grow us. */
export const maxKept = 32;

/** Adds a rest. Those that are over go, and those that the new one outlasts: a shorter rest never ends a longer one. */
export const withRest = (rests: readonly Rest[], rest: Rest, now: EpochMs): Rest[] => {
  const kept = rests.filter((r) => r.until > now && !(isAlike(r, rest) && r.until <= rest.until));
  return [...kept, rest].toSorted((a, b) => a.until - b.until).slice(-maxKept);
};

const isAlike = (a: Rest, b: Rest): boolean =>
  a.state === b.state && a.scope === b.scope && a.model === b.model;

/** Whether the rest concerns requests for that model; one for some models does not concern a request without one. */
export const holds = (rest: Rest, model: string | null): boolean =>
  applies(rest.scope, model) && (rest.model === null || rest.model === model);

/** Whether a window's or rest's model scope (a word of the model's name, null = all) covers that model. */
export const applies = (scope: string | null, model: string | null): boolean =>
  scope === null || (model !== null && model.includes(scope));

/** How long after a back-off an account is still doubted. */
const doubtMs = 30_000;

/** Whether a back-off for that model has just ended, and no answer has shown yet that the account works again. */
export const isRecovering = (rests: readonly Rest[], model: string | null, now: EpochMs): boolean =>
  rests.some(
    (rest) =>
      rest.state === 'benched' && rest.until <= now && rest.until > now - doubtMs && holds(rest, model),
  );
