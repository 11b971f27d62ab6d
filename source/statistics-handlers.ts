import type { HistoryClient } from './history/client.ts';
import type { Clock } from './shared/clock.ts';
import type { CommandHandlers } from './shared/commands.ts';
import { errorShape } from './shared/errors.ts';
import { plural } from './shared/plural.ts';
import type { StatsQuestion } from './shared/statistics.ts';
import { statisticsOfRows } from './store/screen-statistics.ts';
import type { Store } from './store/store.ts';

export type StatisticsHandlerOptions = {
  clock: Clock;
  store: Pick<Store, 'state'>;
  history: Pick<HistoryClient, 'status' | 'statistics'>;
};

/** What is asked of finished requests, while an instance runs: of the history, or without one of what is in memory. */
export const statisticsHandlers = ({
  clock,
  store,
  history,
}: StatisticsHandlerOptions): CommandHandlers<'statistics'> => ({
  async statistics({ slotMs, slots }) {
    const since = (Math.floor(clock.now() / slotMs) - slots + 1) * slotMs;
    const question: StatsQuestion = { since, slotMs, slots };
    const { ok, reason } = history.status();
    const inMemory = (why: string) => {
      const rows = store.state().rows.filter(({ kind }) => kind === 'finished');
      const note = `history off (${why}): only the newest ${plural(rows.length, 'request')}`;
      return statisticsOfRows(rows, question, note);
    };
    if (!ok) return inMemory(reason ?? 'unknown reason');
    return history.statistics(question).catch((error: unknown) => inMemory(errorShape(error).message));
  },
});
