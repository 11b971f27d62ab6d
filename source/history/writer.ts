import { basename } from 'node:path';
import type { PricedRequest } from '../store/state.ts';
import { createBacklog, type Backlog } from './backlog.ts';
import { moveAside } from './database.ts';
import { failureOf } from './failure.ts';
import { createHistoryFile, type HistoryFile, type HistoryFileOptions } from './history-file.ts';
import type { HistoryStatus } from './messages.ts';
import { createRetry } from './retry.ts';

export type WriterOptions = HistoryFileOptions & {
  /** First pause before the file is tried again; doubles up to a minute. */
  retryMs: number;
  /** Called when the status has changed. */
  onStatus(status: HistoryStatus): void;
};

export type Writer = {
  /** Commits the rows now, or as soon as the file can be written again. Never throws. */
  write(rows: readonly PricedRequest[]): void;
  /** Applies the limits of age and size, in steps between other work. */
  prune(): void;
  /** Commits what is waiting, if that works now, and closes the file. */
  close(): void;
};

/** Rows kept in memory while the file cannot be written. */
export const pendingLimit = 10_000;
const rowsPerCommit = 500;

/**
 * Keeps the history written: what fails is tried again later, a damaged file is moved aside and begun anew.
 * Everything it does is synchronous: it belongs into a thread of its own.
 */
export const createWriter = (options: WriterOptions): Writer => {
  const { file } = options;
  const history = createHistoryFile(options);
  const pending = createBacklog<PricedRequest>(pendingLimit);
  const report = onChange(options.onStatus);

  /** Runs work on the file; when it fails, the history is off until a later try works. */
  const attempt = (work: () => void, isSecond = false): void => {
    try {
      work();
    } catch (error) {
      stop();
      const { damaged, reason } = failureOf(error);
      report({ ok: false, reason: `${basename(file)}: ${reason}${damaged ? setAside(options) : ''}` });
      // With the damaged file out of the way a new one can be begun at once.
      if (damaged && !isSecond) return attempt(resume, true);
      retry.plan();
    }
  };

  /** The file is only in use again when it can also be pruned: on a full disk that needs space, too. */
  const resume = (): void => {
    if (history.prune()) pruning.start();
    commit();
    retry.reset();
    const lost = pending.lost();
    report({ ok: true, reason: lost > 0 ? `${lost} requests are missing` : null });
  };

  const commit = (): void => {
    commitAll(pending, history);
    if (history.isOverSize()) pruning.start();
  };

  const retry = createRetry(() => attempt(resume), options.retryMs);
  const pruning = inSteps((next) => attempt(() => void (history.prune() && next())));

  const stop = (): void => {
    retry.cancel();
    pruning.stop();
    history.close();
  };

  attempt(resume);
  return {
    write(rows) {
      pending.add(rows);
      if (!retry.isPlanned()) attempt(commit);
    },
    prune() {
      if (!retry.isPlanned()) pruning.start();
    },
    close() {
      if (pending.size() > 0) attempt(commit);
      stop();
    },
  };
};

/** Transaction by transaction, so that what was committed is not written again when a later one fails. */
const commitAll = (pending: Backlog<PricedRequest>, history: HistoryFile): void => {
  while (pending.size() > 0) {
    const rows = pending.oldest(rowsPerCommit);
    history.commit(rows);
    pending.drop(rows.length);
    // A long backlog must not outgrow the limit before its turn to be pruned comes.
    if (history.isOverSize()) history.prune();
  }
};

/** Work in steps, with room for other work between them. `step` is given what begins the next one. */
const inSteps = (step: (next: () => void) => void): { start(): void; stop(): void } => {
  let planned: NodeJS.Immediate | null = null;
  const start = (): void => {
    planned ??= setImmediate(() => {
      planned = null;
      step(start);
    });
  };
  return {
    start,
    stop() {
      if (planned) clearImmediate(planned);
      planned = null;
    },
  };
};

/** Passes a status on when it differs from the one before; the first one is that all is well. */
const onChange = (listener: (status: HistoryStatus) => void): ((status: HistoryStatus) => void) => {
  let last: HistoryStatus = { ok: true, reason: null };
  return (status) => {
    if (status.ok === last.ok && status.reason === last.reason) return;
    last = status;
    listener(status);
  };
};

/** Moves a damaged file out of the way; returns what to tell about it. */
const setAside = ({ file, clock }: WriterOptions): string => {
  try {
    return `, kept as ${basename(moveAside(file, new Date(clock.now())))}; a new one is begun`;
  } catch (error) {
    return ` and cannot be moved aside: ${failureOf(error).reason}`;
  }
};
