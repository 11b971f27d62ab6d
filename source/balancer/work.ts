import type { DurationMs, TokenCounts } from '../shared/types.ts';
import { cacheLives } from './warmth.ts';

// What a provider counts against its windows it does not say. List prices are the best guess, and only their ratios matter
// here: what is learned and what is needed are told in the same unit.

/** One input token of the smallest model. */
type Work = number;

/** Of models by a word of their name, the first that fits. */
const families: readonly (readonly [word: string, weight: number])[] = [
  ['fable', 10],
  ['opus', 5],
  ['sonnet', 2.5],
  ['haiku', 1],
];

const unknownFamily = 2.5;

const familyWeight = (model: string | null): number =>
  families.find(([word]) => model?.includes(word))?.[1] ?? unknownFamily;

/** Of one token, by what was done with it. */
const weights: Readonly<Record<keyof TokenCounts, number>> = {
  input: 1,
  output: 5,
  cacheRead: 0.1,
  cacheWrite5m: 1.25,
  cacheWrite1h: 2,
};

/** How much work these tokens are; those that nobody has counted are none. */
export const workOf = (model: string | null, tokens: TokenCounts): Work => {
  let sum = 0;
  for (const [kind, weight] of Object.entries(weights))
    sum += weight * (tokens[kind as keyof TokenCounts] ?? 0);
  return sum * familyWeight(model);
};

/** A conversation that begins will go on: so often the writing of its first prompt should find room. */
const turnsAhead = 4;

/** How much room new work with a prompt of that length wants, that a cache is to keep for `life`. */
export const workAhead = (model: string | null, promptTokens: number, life: DurationMs): Work => {
  const write = life > cacheLives.short ? weights.cacheWrite1h : weights.cacheWrite5m;
  return turnsAhead * promptTokens * write * familyWeight(model);
};
