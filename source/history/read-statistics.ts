import { emptyTally } from '../store/tally.ts';
import { readSteps } from './read-steps.ts';
import { gatherStatistics, type StatsAnswer, type StatsQuery } from './statistics.ts';

const nothing = (): StatsAnswer => ({
  all: emptyTally(),
  by: new Map(),
  slots: emptyTally(),
  series: new Map(),
});

/**
 * The statistics of the file, in steps of some milliseconds; of nothing when there is no history yet. Works beside an
 * instance that writes. Throws `history_unavailable` when the file cannot be read.
 */
export const readStatistics = (file: string, query: StatsQuery): Generator<void, StatsAnswer> =>
  readSteps(file, (database) => gatherStatistics(database, query), nothing());
