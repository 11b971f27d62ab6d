import leven from 'leven';

/**
 * The candidate that was most likely meant: the one it begins, else the one within a few slips of the fingers.
 * Null when none is near.
 */
export const nearestWord = (word: string, candidates: readonly string[]): string | null => {
  if (word.length >= 3) {
    const begun = candidates.filter((candidate) => candidate.startsWith(word));
    if (begun.length === 1) return begun[0] ?? null;
  }
  // Two letters changed places are a distance of two: `prot` must find `port`, but `ls` must not become `run`.
  const allowed = Math.max(1, Math.min(3, Math.floor(word.length / 2)));
  let best: string | null = null;
  let bestDistance = allowed + 1;
  for (const candidate of candidates) {
    const distance = leven(word, candidate, { maxDistance: bestDistance });
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
};
