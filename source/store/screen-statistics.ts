import type { StatsFigures, StatsSeriesRow, Statistics, StatsQuestion } from '../shared/statistics.ts';
import { countRequest, noFigures } from './figures.ts';
import { countInSeries, slotKey, slotsOf, type Series } from './series.ts';
import type { RequestRow } from './state.ts';
import { rankedRows, statsFigures } from './stats-row.ts';
import { emptyTally, figuresOf, tallyRequest, type Tally } from './tally.ts';

/** So many accounts or models are told one by one. */
const mostRows = 12;

/** All of the range, and slot by slot. */
export type TalliedSeries = { tally: Tally; series: Series };

export type StatsParts = {
  /** Under the key null. */
  all: Tally;
  /** By the beginning of the slot, as text. */
  slots: Tally;
  accounts: TalliedSeries | undefined;
  models: TalliedSeries | undefined;
};

type Rows = { rows: StatsSeriesRow[]; others: StatsFigures | null };

const rowsOf = (part: TalliedSeries | undefined, slots: readonly string[]): Rows => {
  const { rows, others } = rankedRows(part?.tally ?? emptyTally(), mostRows);
  return { rows: rows.map((row) => ({ ...row, slots: slotsOf(part?.series, row.key, slots) })), others };
};

/** What a screen is told of these sums. A slot without requests has figures of nothing. */
export const statisticsOf = (
  parts: StatsParts,
  question: StatsQuestion,
  note: string | null = null,
): Statistics => {
  const { since, slotMs } = question;
  const slots = Array.from({ length: question.slots }, (_, index) => String(since + index * slotMs));
  const accounts = rowsOf(parts.accounts, slots);
  const models = rowsOf(parts.models, slots);
  return {
    since,
    slotMs,
    slots: slots.map((slot) => statsFigures(parts.slots.groups.get(slot) ?? noFigures())),
    accounts: accounts.rows,
    otherAccounts: accounts.others,
    models: models.rows,
    otherModels: models.others,
    total: statsFigures(parts.all.groups.get(null) ?? noFigures()),
    note,
  };
};

/** The same out of the requests that are still in memory, where there is no history. */
export const statisticsOfRows = (
  rows: readonly RequestRow[],
  question: StatsQuestion,
  note: string,
): Statistics => {
  const { since, slotMs } = question;
  const [all, slots] = [emptyTally(), emptyTally()];
  const accounts: TalliedSeries = { tally: emptyTally(), series: new Map() };
  const models: TalliedSeries = { tally: emptyTally(), series: new Map() };
  for (const { kind, request } of rows) {
    if (kind !== 'finished' || request.at < since) continue;
    tallyRequest(all, 'all', request, rows.length);
    for (const [dimension, { tally, series }] of [
      ['account', accounts],
      ['model', models],
    ] as const) {
      tallyRequest(tally, dimension, request, rows.length);
      countInSeries(series, dimension, request, slotMs);
    }
    countRequest(figuresOf(slots, slotKey(request.at, slotMs), rows.length), request);
  }
  return statisticsOf({ all, slots, accounts, models }, question, note);
};
