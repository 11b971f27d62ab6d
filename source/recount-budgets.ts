import { setImmediate } from 'node:timers/promises';
import type { ServedRequest, SpentPage, SpentSpan } from './history/spent.ts';
import { parseBudget, periodOf, type Budget } from './shared/budget.ts';
import { asEpoch, type AccountId, type EpochMs } from './shared/types.ts';
import type { Spendings } from './store/budgets.ts';
import type { LimitSnapshot } from './store/limit-news.ts';

/** What the history has of an earlier time, as far as it is kept. All of it may throw. */
export type Before = {
  /** What requests of that span came to, in steps. */
  spent(span: SpentSpan): Iterable<Pick<SpentPage, 'sums'>>;
  /** The requests of that span one by one, in steps, in the order in which they began. */
  served(span: SpentSpan): Iterable<readonly ServedRequest[]>;
  /** The readings of windows of that span, in steps, oldest first. */
  readings(span: SpentSpan): Iterable<readonly LimitSnapshot[]>;
};

export type Recount = {
  texts: readonly string[];
  spendings: Pick<Spendings, 'sum' | 'served' | 'reading'>;
  /** What ended after it counts by itself. */
  since: EpochMs;
  accounts: readonly { id: AccountId; name: string }[];
};

/** Begins a step when other work had its turn. */
const inTurns = async <Step>(steps: Iterable<Step>, take: (step: Step) => void): Promise<void> => {
  for (const step of steps) {
    take(step);
    await setImmediate();
  }
};

const beginsOf = (budgets: readonly Budget[], since: EpochMs): EpochMs[] => {
  const begins = new Set(budgets.map(({ period }) => periodOf(period, since).from));
  return [...begins].toSorted((a, b) => a - b);
};

/** Between two beginnings of a period every request counts for the same budgets. */
const recountSums = async (
  budgets: readonly Budget[],
  { spendings, since }: Recount,
  before: Before,
): Promise<void> => {
  const begins = beginsOf(budgets, since);
  for (const [index, from] of begins.entries()) {
    const span = { from, before: begins[index + 1] ?? asEpoch(since + 1) };
    await inTurns(before.spent(span), ({ sums }) => {
      for (const sum of sums) spendings.sum(sum, from);
    });
  }
};

/** Shares follow from how windows grew and, for a key, from who asked for how much in between: a request counts when it ends. */
const recountShares = async (
  budgets: readonly Budget[],
  { spendings, since, accounts }: Recount,
  before: Before,
): Promise<void> => {
  const [from] = beginsOf(budgets, since);
  if (from === undefined) return;
  const span = { from, before: asEpoch(since + 1) };
  const wanted = new Set(budgets.map(({ limit }) => (limit.unit === 'share' ? limit.window : '')));
  const limits: LimitSnapshot[] = [];
  await inTurns(before.readings(span), (readings) => {
    for (const reading of readings) if (wanted.has(reading.window)) limits.push(reading);
  });
  const names = new Map(accounts.map(({ id, name }) => [id, name]));
  let next = 0;
  const readUntil = (time: number): void => {
    for (let limit = limits[next]; limit !== undefined && limit.at <= time; limit = limits[next]) {
      const { accountId, window, ...rest } = limit;
      const windows = [{ ...rest, id: window }];
      spendings.reading({ account: accountId, accountName: names.get(accountId) ?? '', windows }, limit.at);
      next += 1;
    }
  };
  if (budgets.some(({ scope }) => scope.kind === 'key')) {
    const hear = (request: ServedRequest): void => {
      readUntil(request.ended);
      spendings.served(request);
    };
    let ahead: readonly ServedRequest[] = [];
    await inTurns(before.served(span), (requests) => {
      const known = [...ahead, ...requests].toSorted((a, b) => a.ended - b.ended);
      // What the next steps have begins later, and ends later than that.
      const sure = requests.at(-1)?.begun ?? span.from;
      ahead = known.filter(({ ended }) => ended > sure);
      for (const request of known.slice(0, known.length - ahead.length)) hear(request);
    });
    for (const request of ahead) hear(request);
  }
  readUntil(since);
};

/** Counts what was spent before, in steps of some milliseconds. Rejects with what the history throws. */
export const recountBudgets = async (recount: Recount, before: Before): Promise<void> => {
  const budgets = recount.texts.flatMap((text) => parseBudget(text) ?? []);
  const isShare = ({ limit }: Budget): boolean => limit.unit === 'share';
  await recountSums(
    budgets.filter((budget) => !isShare(budget)),
    recount,
    before,
  );
  await recountShares(budgets.filter(isShare), recount, before);
};
