import { afterEach } from 'vitest';
import { createHistoryFile, type HistoryFile } from '../../source/history/history-file.ts';
import { systemClock } from '../../source/shared/clock.ts';
import type { PricedRequest } from '../../source/store/state.ts';
import { givenFile } from './given-file.ts';

/** What writes the history in that file, and keeps everything. */
const historyIn = (file: string): HistoryFile =>
  createHistoryFile({ file, retentionDays: 36_500, maxMiB: 16, clock: systemClock });

/** Gives each test of the file it is called in a history of its own, in a home of its own; closed after the test. */
export const givenHistory = (begin: (file: string, history: HistoryFile, home: string) => void): void => {
  let history: HistoryFile | null = null;
  givenFile('history.sqlite', (file, home) => {
    history = historyIn(file);
    begin(file, history, home);
  });
  afterEach(() => history?.close());
};

/** Writes the requests of an instance that has ended since. */
export const writeHistory = (file: string, rows: readonly PricedRequest[]): void => {
  const history = historyIn(file);
  history.commit(rows);
  history.close();
};
