import type { Figures } from '../../source/store/figures.ts';
import type { PricedRequest } from '../../source/store/state.ts';

/** The sums of a test's own: one request after the other, each as its row says. */
export type PlainSums = {
  requests: number;
  errors: number;
  retries: number;
  output: number;
  priced: number;
  times: number;
};

const none = (): PlainSums => ({ requests: 0, errors: 0, retries: 0, output: 0, priced: 0, times: 0 });

/** By the key that `keyOf` finds, as text; sorted, so that two can be compared. */
export const plainSums = (
  rows: readonly PricedRequest[],
  keyOf: (row: PricedRequest) => string | null,
): [string, PlainSums][] => {
  const sums = new Map<string, PlainSums>();
  for (const row of rows) {
    const key = String(keyOf(row));
    const sum = sums.get(key) ?? none();
    sums.set(key, {
      requests: sum.requests + 1,
      errors: sum.errors + (row.outcome === 'ok' ? 0 : 1),
      retries: sum.retries + Math.max(0, row.attempts.length - 1),
      output: sum.output + (row.tokens.output ?? 0),
      priced: sum.priced + (row.costUsd ?? 0),
      times: sum.times + (row.outcome === 'ok' ? 1 : 0),
    });
  }
  return [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
};

/** The same of figures that the program found. */
export const foundSums = (groups: ReadonlyMap<string | null, Figures>): [string, PlainSums][] =>
  [...groups]
    .map(([key, figures]): [string, PlainSums] => [
      String(key),
      {
        requests: figures.requests,
        errors: figures.errors,
        retries: figures.retries,
        output: figures.outputTokens ?? 0,
        priced: (figures.costUsd ?? 0) + (figures.listValueUsd ?? 0),
        times: [...figures.total.values()].reduce((a, b) => a + b, 0),
      },
    ])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
