import type { AccountId } from '../shared/types.ts';

/** Which account serves which conversation: bounded, the conversations unused for longest are forgotten first. */
export type Sessions = {
  /** The account that served the conversation last; null when unknown. */
  homeOf(key: string): AccountId | null;
  served(key: string, account: AccountId): void;
  /** Forgets an account everywhere. */
  forget(account: AccountId): void;
};

export const createSessions = (capacity = 10_000): Sessions => {
  // A Map iterates in insertion order, so re-inserting on use keeps the oldest first.
  const homes = new Map<string, AccountId>();
  return {
    homeOf: (key) => homes.get(key) ?? null,
    served(key, account) {
      homes.delete(key);
      homes.set(key, account);
      if (homes.size <= capacity) return;
      const oldest = homes.keys().next();
      if (!oldest.done) homes.delete(oldest.value);
    },
    forget(account) {
      for (const [key, home] of homes) if (home === account) homes.delete(key);
    },
  };
};
