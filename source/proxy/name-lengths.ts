const known = new WeakMap<ReadonlySet<string>, ReadonlySet<number>>();

/**
 * The lengths of the names in a set: a name of another length need not be decoded to be ruled out. Kept for each set,
 * because the sets are few and asked for with every request; a set must not change afterwards.
 */
export const nameLengths = (names: ReadonlySet<string>): ReadonlySet<number> => {
  const lengths = known.get(names) ?? new Set([...names].map((name) => name.length));
  known.set(names, lengths);
  return lengths;
};
