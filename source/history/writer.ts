import { basename } from 'node:path';
import type { LimitSnapshot } from '../store/limit-news.ts';
import type { PricedRequest } from '../store/state.ts';
import { createBacklog, type Backlog } from './backlog.ts';
import type { SealedCapture } from './capture-rows.ts';
import { moveAside } from './database.ts';
import { failureOf } from './failure.ts';
import { createHistoryFile, type HistoryFile, type HistoryFileOptions } from './history-file.ts';
import type { HistoryStatus } from './messages.ts';
import { createRetry, type Retry } from './retry.ts';

export type WriterOptions = HistoryFileOptions & {
  /** First pause before the file is tried again; doubles up to a minute. */
  retryMs: number;
  /** Called when the status has changed. */
  onStatus(status: HistoryStatus): void;
};

export type Writer = {
  /** Commits the rows now, or as soon as the file can be written again. Never throws. */
  write(rows: readonly PricedRequest[], limits?: readonly LimitSnapshot[]): void;
  /**
   * Commits captures now, or not at all: nothing of them waits for a file that cannot be written. Returns why not; null when
   * they were. Never throws.
   */
  writeCaptures(captures: readonly SealedCapture[]): string | null;
  /** See `HistoryFile`. */
  limitCaptures: HistoryFile['limitCaptures'];
  /** Applies the limits of age and size, in steps between other work. */
  prune(): void;
  /** Commits what is waiting, if that works now, and closes the file. */
  close(): void;
};

/** Rows kept in memory while the file cannot be written. */
export const pendingLimit = 10_000;
/** Snapshots of limits kept meanwhile: what is lost of them is made up for by the next one. */
const pendingSnapshots = 2000;
const rowsPerCommit = 500;

/**
 * Keeps the history written: what fails is tried again later, a damaged file is moved aside and begun anew.
 * Everything it does is synchronous: it belongs into a thread of its own.
 */
export const createWriter = (options: WriterOptions): Writer => {
  const { file } = options;
  const history = createHistoryFile(options);
  const pending = createBacklog<PricedRequest>(pendingLimit);
  const limits = createBacklog<LimitSnapshot>(pendingSnapshots);
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
    commitAll(pending, limits, history);
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
    write(rows, snapshots = []) {
      pending.add(rows);
      limits.add(snapshots);
      if (!retry.isPlanned()) attempt(commit);
    },
    ...upkeep(history, retry, pruning),
    close() {
      if (pending.size() + limits.size() > 0) attempt(commit);
      stop();
    },
  };
};

/** A file that cannot be written is no matter for captures: requests tell of it, and bring it back. */
const upkeep = (
  history: HistoryFile,
  retry: Pick<Retry, 'isPlanned'>,
  pruning: { start(): void },
): Pick<Writer, 'writeCaptures' | 'limitCaptures' | 'prune'> => ({
  writeCaptures(captures) {
    if (retry.isPlanned()) return 'the history is off';
    try {
      history.commitCaptures(captures);
      if (history.isOverSize()) pruning.start();
      return null;
    } catch (error) {
      return failureOf(error).reason;
    }
  },
  prune() {
    if (!retry.isPlanned()) pruning.start();
  },
  limitCaptures(limits) {
    history.limitCaptures(limits);
    if (!retry.isPlanned()) pruning.start();
  },
});

/** Transaction by transaction, so that what was committed is not written again when a later one fails. */
const commitAll = (
  pending: Backlog<PricedRequest>,
  limits: Backlog<LimitSnapshot>,
  history: HistoryFile,
): void => {
  while (pending.size() + limits.size() > 0) {
    const rows = pending.oldest(rowsPerCommit);
    const snapshots = limits.oldest(rowsPerCommit);
    history.commit(rows, snapshots);
    pending.drop(rows.length);
    limits.drop(snapshots.length);
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
