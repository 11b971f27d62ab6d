import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Settings } from './config/settings.ts';
import { recountBudgets, type Before } from './recount-budgets.ts';
import { parseBudget, type BudgetView, type ReachedBudget, type SpentBudget } from './shared/budget.ts';
import { nameWithoutKey } from './shared/client-key.ts';
import type { Clock } from './shared/clock.ts';
import type { LogLevel, ProxyEvent } from './shared/events.ts';
import type { EpochMs } from './shared/types.ts';
import { createSpendings, spentOf, spentShare, type Spendings } from './store/budgets.ts';
import type { Price } from './store/prices.ts';

/** What an instance does about the budgets of its settings while it runs. */
export type KeptBudgets = {
  /** Takes in what happened. */
  apply(events: readonly ProxyEvent[]): void;
  /** Each budget as it stands now. */
  views(): BudgetView[];
  close(): Promise<void>;
};

export type KeepBudgetsOptions = {
  settings: Pick<Settings, 'config' | 'accounts' | 'clientKeys'>;
  clock: Clock;
  price: Price;
  proxy: { setBudgets(spent: readonly SpentBudget[]): void };
  before: Before;
  /** Told when a budget is nearly, or wholly, spent. */
  tell(events: readonly ProxyEvent[]): void;
  log(level: LogLevel, text: string): void;
  /** After so long what has ended is in the history; 2000 by default. */
  lagMs?: number;
};

const lookMs = 1000;
/** Shares of a budget that are worth a word. */
const marks = [0.8, 1] as const;

type Counting = {
  texts: readonly string[];
  spendings: Spendings;
  /** What ended after it comes by itself; what ended before is counted from the history. */
  since: EpochMs;
  isCounted: boolean;
  /** The last mark of each budget that was told, and of which period. */
  told: Map<string, { mark: number; resetsAt: EpochMs }>;
};

/** Whom a budget is about, and who is not there: nobody may believe that such a one holds anybody back. */
const strangers = ({ texts }: Counting, { accounts, clientKeys }: KeepBudgetsOptions['settings']): string[] =>
  texts.flatMap((text) => {
    const { scope } = parseBudget(text) ?? {};
    if (scope === undefined || scope.kind === 'all') return [];
    const { kind, name } = scope;
    const known: readonly { name: string }[] = kind === 'account' ? accounts : clientKeys;
    const isThere = name === nameWithoutKey || known.some((each) => each.name === name);
    return isThere
      ? []
      : `the budget ${text} is about ${kind === 'account' ? 'an account' : 'a key'} that is not there`;
  });

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const markOf = (view: BudgetView): number => marks.findLast((mark) => (spentShare(view) ?? 0) >= mark) ?? 0;

/** The budgets that have reached a mark since the last look. Remembers them. */
const newMarks = ({ told }: Counting, views: readonly BudgetView[]): ReachedBudget[] =>
  views.flatMap((view): ReachedBudget[] => {
    const { text, hard, resetsAt } = view;
    const last = told.get(text);
    const mark = markOf(view);
    if (mark <= (last?.resetsAt === resetsAt ? last.mark : 0)) return [];
    told.set(text, { mark, resetsAt });
    return [{ budget: text, share: mark, hard, resetsAt }];
  });

/** Tells the data plane and people what has come of it. */
const createTeller = ({ settings, clock, proxy, tell, log }: KeepBudgetsOptions) => {
  let sent: readonly SpentBudget[] | null = null;
  let isFirst = true;
  const look = (counting: Counting): void => {
    if (!counting.isCounted) return;
    const now = clock.now();
    const views = counting.spendings.views(now);
    const spent = spentOf(views);
    if (!isDeepStrictEqual(spent, sent)) proxy.setBudgets(spent);
    sent = spent;
    const reached = newMarks(counting, views);
    if (reached.length > 0) tell(reached.map((each) => ({ type: 'budgetReached', at: now, ...each })));
  };
  return {
    look,
    /** What was spent already is no news, but who has started this has to know why nothing is served. */
    begin(counting: Counting): void {
      counting.isCounted = true;
      for (const text of strangers(counting, settings)) log('warning', text);
      const now = clock.now();
      const reached = newMarks(counting, counting.spendings.views(now));
      for (const { share, budget } of reached) {
        log('warning', `${percent(share)} of the budget ${budget} was spent before`);
      }
      if (counting.texts.length > 0 || !isFirst) tell([{ type: 'budgetsCounted', at: now, reached }]);
      isFirst = false;
      look(counting);
    },
  };
};

const newCounting = ({ settings, price, clock }: KeepBudgetsOptions): Counting => {
  const texts = settings.config.budgets;
  const budgets = texts.flatMap((text) => parseBudget(text) ?? []);
  const spendings = createSpendings(budgets, price);
  return { texts, spendings, since: clock.now(), isCounted: false, told: new Map() };
};

const take = ({ spendings, since }: Counting, event: ProxyEvent): void => {
  if (event.type === 'requestFinished' && event.at > since) spendings.request(event.request, event.at);
  else if (event.type === 'accountRemoved') spendings.accountRemoved(event.account);
  else if (event.type === 'accountChanged') {
    const { id, name, windows } = event.account;
    spendings.reading({ account: id, accountName: name, windows }, event.at);
  }
};

/** Counts what the budgets of the settings are about, tells the data plane which are spent, and a person before that. */
export const keepBudgets = (options: KeepBudgetsOptions): KeptBudgets => {
  const { settings, clock, log, lagMs = 2000 } = options;
  const stopped = new AbortController();
  const { signal } = stopped;
  const teller = createTeller(options);
  let busy: Promise<void> = Promise.resolve();

  const count = (waitMs: number): Counting => {
    const counting = newCounting(options);
    const work = async (): Promise<void> => {
      try {
        if (waitMs > 0 && counting.texts.length > 0) await delay(waitMs, undefined, { signal });
        await recountBudgets({ ...counting, accounts: options.settings.accounts }, options.before);
      } catch (error) {
        const why = error instanceof Error ? error.message : 'unknown';
        if (!signal.aborted) log('warning', `what was spent of the budgets before this is not known: ${why}`);
      }
      // Whatever came of it: requests wait for it.
      if (counting === current) teller.begin(counting);
    };
    busy = busy.then(work);
    return counting;
  };
  let current = count(0);
  const look = (): void => {
    if (!isDeepStrictEqual(settings.config.budgets, current.texts)) current = count(lagMs);
    teller.look(current);
  };
  const timer = setInterval(look, lookMs);
  timer.unref();

  return {
    apply(events) {
      for (const event of events) take(current, event);
      look();
    },
    views() {
      const { spendings, isCounted } = current;
      const views = spendings.views(clock.now());
      return isCounted ? views : views.map((view) => ({ ...view, spent: null }));
    },
    async close() {
      stopped.abort();
      clearInterval(timer);
      await busy;
    },
  };
};
