import { setImmediate as otherWork } from 'node:timers/promises';
import type { Statistics, StatsQuestion } from '../shared/statistics.ts';
import { statisticsOf, type TalliedSeries } from '../store/screen-statistics.ts';
import { emptyTally, type Dimension } from '../store/tally.ts';
import { readStatistics } from './read-statistics.ts';

/**
 * What the history has to say to the question, with room for other work after every step. Rejects with
 * `history_unavailable` when the file cannot be read, and with the reason of the signal once nobody waits any more.
 */
export const answer = async (
  file: string,
  question: StatsQuestion,
  signal: AbortSignal,
): Promise<Statistics> => {
  const { since, slotMs } = question;
  const steps = readStatistics(file, { since, slotMs, dimensions: ['account', 'model'] });
  for (;;) {
    // Thrown into them, so that they close the file.
    const step = signal.aborted ? steps.throw(signal.reason) : steps.next();
    if (step.done === true) {
      const { all, slots, by, series } = step.value;
      const partOf = (dimension: Dimension): TalliedSeries => ({
        tally: by.get(dimension) ?? emptyTally(),
        series: series.get(dimension) ?? new Map(),
      });
      return statisticsOf({ all, slots, accounts: partOf('account'), models: partOf('model') }, question);
    }
    await otherWork();
  }
};
