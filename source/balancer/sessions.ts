import { RecentMap } from '../shared/recent-map.ts';
import type { AccountId, DurationMs, EpochMs } from '../shared/types.ts';
import { isWarm } from './warmth.ts';

/** Where a conversation was served last, and when: the prompt cache of that account holds what it has said. */
export type Home = {
  account: AccountId;
  at: EpochMs;
  /** What it begins with (model, tools, system prompt), by a name of it; null when nobody has looked. */
  prefix: string | null;
  /** When a limit moved it there; left out when it was not that, or is not told anew. */
  movedAt?: EpochMs | undefined;
};

/** What prompt caches hold, as far as requests have passed here. Bounded: what was unused for longest is forgotten first. */
export type Sessions = {
  /** null when unknown. */
  homeOf(key: string): Home | null;
  /** A conversation that nobody has looked at keeps the beginning it is known by. */
  served(key: string, home: Home): void;
  /** Whether the account's cache holds that beginning. */
  knowsPrefix(prefix: string, account: AccountId, life: DurationMs, now: EpochMs): boolean;
  /** Forgets an account everywhere. */
  forget(account: AccountId): void;
};

/** Beginnings differ by project and model; there are fewer of them than conversations. */
const mostPrefixes = 2000;

export const createSessions = (capacity = 10_000): Sessions => {
  const homes = new RecentMap<Home>(capacity);
  const prefixes = new RecentMap<Map<AccountId, EpochMs>>(mostPrefixes);
  return {
    homeOf: (key) => homes.get(key) ?? null,
    served(key, home) {
      const before = homes.get(key);
      const prefix = home.prefix ?? before?.prefix ?? null;
      const kept = before?.account === home.account ? before.movedAt : undefined;
      homes.set(key, { ...home, prefix, movedAt: home.movedAt ?? kept });
      if (prefix === null) return;
      const knowing = prefixes.get(prefix) ?? new Map<AccountId, EpochMs>();
      prefixes.set(prefix, knowing.set(home.account, home.at));
    },
    knowsPrefix(prefix, account, life, now) {
      const at = prefixes.get(prefix)?.get(account);
      return at !== undefined && isWarm(at, life, now);
    },
    forget(account) {
      homes.forget((home) => home.account === account);
      prefixes.forget((knowing) => knowing.delete(account) && knowing.size === 0);
    },
  };
};
