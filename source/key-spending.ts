import { dayOf, hasBudget, type Spending } from './proxy/key-limits.ts';
import type { ClientKeyRecord } from './shared/client-key.ts';
import type { EpochMs, FinishedRequest, TokenCounts } from './shared/types.ts';
import type { Price } from './store/prices.ts';

/** What counts towards a budget of tokens: all but what was read from a cache, as in the limits of the API itself. */
const tokensOf = ({ input, output, cacheWrite5m, cacheWrite1h }: TokenCounts): number =>
  (input ?? 0) + (output ?? 0) + (cacheWrite5m ?? 0) + (cacheWrite1h ?? 0);

export type KeySpending = {
  /** Counts a request that ended then, if its key has a daily budget; whether it has. One of an older day counts no more. */
  add(key: ClientKeyRecord, request: FinishedRequest, ended: EpochMs): boolean;
  /** What keys with a daily budget have spent on their newest day, by id. */
  all(): ReadonlyMap<string, Spending>;
};

/** Sums up the requests of each day (UTC). A request whose price is not known costs nothing here. */
export const keySpending = (price: Price): KeySpending => {
  const spent = new Map<string, Spending>();
  return {
    add({ id, limits }, { upstreamModel, model, tokens }, ended) {
      if (!hasBudget(limits)) return false;
      const day = dayOf(ended);
      const before = spent.get(id);
      if (before !== undefined && before.day > day) return true;
      const sum = before?.day === day ? before : { day, tokens: 0, usd: 0 };
      spent.set(id, {
        day,
        tokens: sum.tokens + tokensOf(tokens),
        usd: sum.usd + (price(upstreamModel ?? model, tokens) ?? 0),
      });
      return true;
    },
    all: () => new Map(spent),
  };
};
