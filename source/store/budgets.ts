import { periodOf, type Budget, type BudgetView, type SpentBudget } from '../shared/budget.ts';
import type { CostKind } from '../shared/cost-kind.ts';
import { isSameReset } from '../shared/limit-window.ts';
import type { AccountId, EpochMs, FinishedRequest, LimitWindow, TokenCounts } from '../shared/types.ts';
import type { Price } from './prices.ts';

/** What an account said of its windows at one moment. */
export type WindowReading = {
  account: AccountId;
  accountName: string;
  windows: readonly Pick<LimitWindow, 'id' | 'scope' | 'utilization' | 'resetsAt'>[];
};

/** What counts of requests towards what may be spent. */
export type Spent = {
  /** As they were priced when they ended; one whose price is not known adds nothing. */
  usd: number;
  /** All but what was read from caches. */
  tokens: number;
};

/** What requests of one client at one account came to. */
export type SpentSum = Spent & { account: string | null; client: string; costKind: CostKind | null };

/** Who asked an account for how many tokens. */
export type ServedTokens = { accountId: AccountId; client: string; tokens: number };

/** Sums up what budgets are about. Told of what happened in the order in which it did; decides nothing by a clock of its own. */
export type Spendings = {
  /** A request that has ended then. */
  request(request: FinishedRequest, ended: EpochMs): void;
  /** Earlier requests, summed up, which all ended in the same day, week and month as that time. Shares of windows are not in them. */
  sum(sum: SpentSum, at: EpochMs): void;
  /** An earlier request, for the shares of windows alone. */
  served(served: ServedTokens): void;
  /** How far the windows of an account are used then. */
  reading(reading: WindowReading, at: EpochMs): void;
  accountRemoved(account: AccountId): void;
  /** Each budget, in their order, as it stands at that time. */
  views(now: EpochMs): BudgetView[];
};

/** What counts towards a budget of tokens: all but what was read from a cache, as in the limits of the API itself. */
const tokensOf = ({ input, output, cacheWrite5m, cacheWrite1h }: TokenCounts): number =>
  (input ?? 0) + (output ?? 0) + (cacheWrite5m ?? 0) + (cacheWrite1h ?? 0);

const isAbout = ({ scope }: Budget, { account, client }: SpentSum): boolean =>
  scope.kind === 'all' || scope.name === (scope.kind === 'account' ? account : client);

/** What one request comes to; one whose price is not known takes no money. */
export const spentBy = (
  { upstreamModel, model, tokens, at }: Pick<FinishedRequest, 'upstreamModel' | 'model' | 'tokens' | 'at'>,
  price: Price,
): Spent => ({ tokens: tokensOf(tokens), usd: price(upstreamModel ?? model, tokens, at) ?? 0 });

/** What these requests take of a budget that is no share. */
const takenBy = ({ limit }: Budget, { costKind, usd, tokens }: SpentSum): number => {
  if (limit.unit === 'tokens') return tokens;
  return costKind === (limit.unit === 'usd' ? 'cost' : 'list value') ? usd : 0;
};

type Known = { utilization: number; resetsAt: EpochMs | null };

/** By how much a window's use has grown since it was read last; 0 at the first reading, of which nobody knows when it was spent. */
const growthOf = (before: Known | undefined, now: Known): number => {
  if (before === undefined) return 0;
  return isSameReset(before.resetsAt, now.resetsAt)
    ? Math.max(0, now.utilization - before.utilization)
    : now.utilization;
};

/** Tokens of each key since the window's use grew last: growth is theirs in proportion. What others use is nobody's. */
type Window = Known & { account: AccountId; name: string; id: string; tokens: Map<string, number> };

const partOf = (tokens: ReadonlyMap<string, number>, key: string): number => {
  let all = 0;
  for (const count of tokens.values()) all += count;
  return all === 0 ? 0 : (tokens.get(key) ?? 0) / all;
};

/** How much of the growth of a window a budget bears; of all accounts together a window is as large as there are of them. */
const shareOf = ({ scope }: Budget, grown: number, window: Window, name: string, alike: number): number => {
  if (scope.kind === 'key') return grown * partOf(window.tokens, scope.name);
  if (scope.kind === 'account') return scope.name === name ? grown : 0;
  return grown / Math.max(1, alike);
};

/** Whether a share of that window can be told: nobody knows what was used of one that no account has told of. */
const isKnown = ({ limit, scope }: Budget, windows: Iterable<Window>): boolean => {
  if (limit.unit !== 'share') return true;
  for (const { id, name } of windows) {
    if (id === limit.window && (scope.kind !== 'account' || scope.name === name)) return true;
  }
  return false;
};

/** The other keys are told apart from none: only those that a budget names. */
const otherKeys = '';

/** Counts the tokens for that key, in the windows of the account that served them. */
const countTokens = (
  windows: Iterable<Window>,
  key: string,
  { accountId, tokens: count }: ServedTokens,
): void => {
  for (const { account, tokens } of windows) {
    if (account === accountId) tokens.set(key, (tokens.get(key) ?? 0) + count);
  }
};

type Sum = { budget: Budget; from: number; spent: number };

const add = (sum: Sum, amount: number, at: EpochMs): void => {
  const { from } = periodOf(sum.budget.period, at);
  // What ends late counts on; what belongs to a period before the newest one does not.
  if (from < sum.from) return;
  if (from > sum.from) sum.spent = 0;
  sum.from = from;
  sum.spent += amount;
};

const viewOf = ({ budget, from, spent }: Sum, windows: Iterable<Window>, now: EpochMs): BudgetView => {
  const period = periodOf(budget.period, now);
  const known = isKnown(budget, windows);
  return { ...budget, spent: known ? (period.from > from ? 0 : spent) : null, resetsAt: period.to };
};

/** The windows that budgets are about: of all others nothing has to be known. */
const windowsOf = (budgets: readonly Budget[]): ReadonlySet<string> =>
  new Set(budgets.flatMap(({ limit }) => (limit.unit === 'share' ? limit.window : [])));

/** Nothing is spent yet. `price` is asked for each request that has ended, while a budget is no share. */
export const createSpendings = (budgets: readonly Budget[], price: Price): Spendings => {
  const sums = budgets.map((budget): Sum => ({ budget, from: 0, spent: 0 }));
  const amounts = sums.filter(({ budget }) => budget.limit.unit !== 'share');
  const shares = windowsOf(budgets);
  const windows = new Map<string, Window>();
  const named = new Set(budgets.flatMap(({ scope }) => (scope.kind === 'key' ? scope.name : [])));

  const grew = (window: Window, grown: number, name: string, at: EpochMs): void => {
    const alike = [...windows.values()].filter(({ id }) => id === window.id).length;
    for (const sum of sums) {
      const { limit } = sum.budget;
      if (limit.unit !== 'share' || limit.window !== window.id) continue;
      add(sum, shareOf(sum.budget, grown, window, name, alike), at);
    }
  };

  const take = (spent: SpentSum, at: EpochMs): void => {
    for (const sum of amounts) {
      const { budget } = sum;
      if (isAbout(budget, spent)) add(sum, takenBy(budget, spent), at);
    }
  };
  const serve = (served: ServedTokens): void =>
    countTokens(windows.values(), named.has(served.client) ? served.client : otherKeys, served);

  return {
    request(request, ended) {
      const { account, accountId, client, costKind, tokens } = request;
      if (amounts.length > 0) take({ account, client, costKind, ...spentBy(request, price) }, ended);
      if (accountId !== null) serve({ accountId, client, tokens: tokensOf(tokens) });
    },
    sum: take,
    served: serve,
    reading({ account, accountName, windows: read }, at) {
      for (const { id, scope, utilization, resetsAt } of read) {
        if (utilization === null || !shares.has(id)) continue;
        const place = JSON.stringify([account, id, scope]);
        const before = windows.get(place);
        const now = { utilization, resetsAt, account, name: accountName, id };
        const grown = growthOf(before, now);
        const window = { ...now, tokens: before?.tokens ?? new Map<string, number>() };
        windows.set(place, window);
        if (grown <= 0) continue;
        grew(window, grown, accountName, at);
        window.tokens.clear();
      }
    },
    accountRemoved(account) {
      for (const [place, window] of windows) if (window.account === account) windows.delete(place);
    },
    views: (now) => sums.map((sum) => viewOf(sum, windows.values(), now)),
  };
};

/** How much of a budget is spent, 1 = all of it; null while nobody knows. Sums of shares are no exact numbers. */
export const spentShare = ({ spent, limit }: BudgetView): number | null =>
  spent === null ? null : (spent + 1e-9) / limit.most;

/** The hard budgets that are spent. */
export const spentOf = (views: readonly BudgetView[]): SpentBudget[] =>
  views
    .filter((view) => view.hard && (spentShare(view) ?? 0) >= 1)
    .map(({ text, scope, resetsAt }) => ({ text, scope, until: resetsAt }));
