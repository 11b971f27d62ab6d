import type { AccountCost } from './shared/account-cost.ts';
import type { ProxyEvent } from './shared/events.ts';
import type { FinishedRequest, TokenCounts } from './shared/types.ts';
import type { Price } from './store/prices.ts';

export type KeepCostsOptions = {
  price: Price;
  proxy: { setCosts(costs: readonly AccountCost[]): void };
};

/** As many accounts are told apart; what comes beyond them is in no cost. */
const mostAccounts = 256;

const hasTokens = ({ input, output }: TokenCounts): boolean => input !== null || output !== null;

/**
 * Sums up what the requests of each account cost, and tells the data plane, whose /metrics shows it: prices are no
 * business of that thread. Returns what takes in the events; the proxy hears of a batch once, and of none that cost nothing.
 */
export const keepCosts = ({ price, proxy }: KeepCostsOptions): ((events: readonly ProxyEvent[]) => void) => {
  const costs = new Map<string, AccountCost>();

  const add = (request: FinishedRequest, account: string): boolean => {
    const { tokens } = request;
    const cost = price(request.upstreamModel ?? request.model, tokens, request.at);
    if (cost === null && !hasTokens(tokens)) return false;
    const billing = request.costKind === 'cost' ? 'money' : 'list_value';
    const key = `${billing} ${account}`;
    const before = costs.get(key) ?? { account, billing, usd: null, unpriced: 0 };
    if (!costs.has(key) && costs.size >= mostAccounts) return false;
    costs.set(
      key,
      cost === null
        ? { ...before, unpriced: before.unpriced + 1 }
        : { ...before, usd: (before.usd ?? 0) + cost },
    );
    return true;
  };

  return (events) => {
    let changed = false;
    for (const event of events) {
      if (event.type !== 'requestFinished' || event.request.account === null) continue;
      changed = add(event.request, event.request.account) || changed;
    }
    if (changed) proxy.setCosts([...costs.values()]);
  };
};
