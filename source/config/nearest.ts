import leven from 'leven';

const sorted = (word: string): string => Array.from(word).sort().join('');

/** The candidate that was probably meant; null when none is near. */
export const nearest = (word: string, candidates: Iterable<string>): string | null => {
  const typed = word.slice(0, 100).toLowerCase();
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(typed.length / 3)) + 1;
  for (const candidate of candidates) {
    const meant = candidate.toLowerCase();
    // Letters in the wrong order are one slip of the fingers, though leven counts two changes.
    const distance = sorted(typed) === sorted(meant) ? 1 : leven(typed, meant, { maxDistance: bestDistance });
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
};
