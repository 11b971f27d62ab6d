import type { Paths } from './config/paths.ts';
import type { ExecuteOptions } from './execute.ts';
import { readReadings, readServed, readSpent, type SpentSpan } from './history/spent.ts';
import { keepBudgets, type KeepBudgetsOptions } from './keep-budgets.ts';
import { keepCosts, type KeepCostsOptions } from './keep-costs.ts';
import { keepKeys, type KeepKeysOptions } from './keep-keys.ts';
import { openInstanceKeys, type InstanceKeysOptions } from './key-handlers.ts';
import type { ProxyEvent } from './shared/events.ts';
import type { EpochMs } from './shared/types.ts';
import { priceWith } from './store/prices.ts';
import type { Store } from './store/store.ts';

/** What has to be ended, newest last. */
export type Undo = (() => unknown)[];

type Watched = Omit<InstanceKeysOptions, 'lockFile'> &
  Pick<KeepKeysOptions, 'proxy'> &
  Pick<KeepCostsOptions, 'proxy'> &
  Pick<KeepBudgetsOptions, 'proxy'> & { store: Store; paths: Paths };

/** Sees to the keys of clients, and to what is spent, as long as the instance runs. */
export const watchSpending = (
  parts: Watched,
  undo: Undo,
): Pick<ExecuteOptions, 'keys' | 'lastUse' | 'budgets'> => {
  const { store, paths } = parts;
  const keys = openInstanceKeys({ ...parts, lockFile: paths.keyLock });
  const { history: file } = paths;
  const spent = (span: SpentSpan, cuts: readonly EpochMs[] = []) => readSpent(file, span, cuts);
  const price = priceWith(parts.settings.config.prices);
  const kept = keepKeys({ ...parts, keys, price, spent, log: store.log });
  // Not in the middle of what it follows from: all listeners hear of that first.
  const tell = (events: readonly ProxyEvent[]) => queueMicrotask(() => store.apply(events));
  const before = {
    spent,
    served: (span: SpentSpan) => readServed(file, span),
    readings: (span: SpentSpan) => readReadings(file, span),
  };
  const budgets = keepBudgets({ ...parts, price, before, tell, log: store.log });
  const cost = keepCosts({ price, proxy: parts.proxy });
  store.feed.onEvents((numbered) => {
    const events = numbered.map(({ event }) => event);
    kept.apply(events);
    cost(events);
    budgets.apply(events);
  });
  undo.push(() => Promise.all([kept.close(), budgets.close()]));
  return { keys, lastUse: kept.lastUse, budgets: budgets.views };
};
