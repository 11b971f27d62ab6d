import { nearest } from '../config/nearest.ts';

/**
 * The candidate that was most likely meant: the only one that begins with the word, else one within a few slips of
 * the fingers. Null when none is near.
 */
export const nearestWord = (word: string, candidates: readonly string[]): string | null => {
  const begun = word.length < 3 ? [] : candidates.filter((candidate) => candidate.startsWith(word));
  return begun.length === 1 ? (begun[0] ?? null) : nearest(word, candidates);
};
