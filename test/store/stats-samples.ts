import type { StatsFigures, StatsSeriesRow, Statistics } from '../../source/shared/statistics.ts';
import { noFigures } from '../../source/store/figures.ts';
import { statsFigures } from '../../source/store/stats-row.ts';

export const statsOf = (fields: Partial<StatsFigures> = {}): StatsFigures => ({
  ...statsFigures(noFigures()),
  ...fields,
});

/** A row of a day on which the requests came faster and faster. */
export const seriesRow = (key: string | null, fields: Partial<StatsFigures> = {}): StatsSeriesRow => ({
  key,
  ...statsOf(fields),
  slots: Array.from({ length: 24 }, (_, hour) => statsOf({ requests: hour, errors: 23 - hour })),
});

/** A busy day, one account of each kind. */
export const busyStatistics: Statistics = {
  since: 1_795_000_000_000,
  slotMs: 3_600_000,
  slots: Array.from({ length: 24 }, (_, hour) =>
    statsOf({
      requests: hour,
      errors: hour % 3,
      inputTokens: hour * 1000,
      costUsd: hour / 1000,
      cacheHitRate: hour / 23,
    }),
  ),
  accounts: [
    seriesRow('work', {
      requests: 900,
      errors: 12,
      inputTokens: 1_200_000,
      costUsd: 12.5,
      cacheHitRate: 0.9,
    }),
    seriesRow(null, { requests: 3, errors: 3 }),
  ],
  otherAccounts: statsOf({ requests: 40 }),
  models: [seriesRow('claude-opus-5-5', { requests: 903, listValueUsd: 45.2 })],
  otherModels: null,
  total: statsOf({
    requests: 943,
    errors: 15,
    failedOver: 7,
    inputTokens: 1_200_000,
    outputTokens: 340_000,
    cacheHitRate: 0.87,
    costUsd: 12.5,
    listValueUsd: 45.2,
    cacheSavedUsd: 4.2,
    cacheSavedListValueUsd: 33.1,
    firstByteP50Ms: 410,
    firstByteP95Ms: 1200,
    totalP50Ms: 6200,
    totalP95Ms: 31_000,
    tokensPerSecond: 62.4,
  }),
  note: null,
};
