/** Names that most people would take first. */
const usual = ['work', 'home'];

/** A name for a new account that none of those has: `work`, `home`, then `account-3` and so on. */
export const suggestName = (taken: readonly string[]): string => {
  const free = usual.find((name) => !taken.includes(name));
  if (free !== undefined) return free;
  let number = taken.length + 1;
  while (taken.includes(`account-${number}`)) number += 1;
  return `account-${number}`;
};
