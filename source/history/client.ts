import type { FoundHeads } from '../shared/capture.ts';
import { errorShape } from '../shared/errors.ts';
import type { Statistics, StatsQuestion } from '../shared/statistics.ts';
import type { LimitSnapshot } from '../store/limit-news.ts';
import type { PricedRequest } from '../store/state.ts';
import { createBacklog } from './backlog.ts';
import type { FromHistory, HistorySettings, HistoryStatus } from './messages.ts';
import { createCaptureQueue, type CaptureQueue } from './capture-queue.ts';
import type { CaptureLimits } from './capture-table.ts';
import { createQuestions } from './questions.ts';
import { createRetry } from './retry.ts';
import { startThread, type Thread } from './thread.ts';

export type HistoryOptions = {
  file: string;
  retentionDays: number;
  /** Largest size of the file and its write-ahead log together. */
  maxMiB: number;
  /** Called when the status has changed. */
  onStatus(status: HistoryStatus): void;
  /** How long and how much of what is captured is kept, also while nothing is; left out = as the requests. */
  captures?: CaptureLimits;
  /** Called for each capture, in their order: null when it was written, else why not. */
  onCaptureTaken?(lost: string | null): void;
  /** First pause before a file that cannot be written is tried again; doubles up to a minute. */
  retryMs?: number;
};

export type HistoryClient = {
  /** Hands a request over; it is on disk a quarter of a second later. Never throws, never waits. */
  write(request: PricedRequest): void;
  /** The same for what windows of accounts were like. */
  writeLimits(limits: readonly LimitSnapshot[]): void;
  /** What is captured of requests; the buffers of a capture are gone here afterwards. */
  captures: Pick<CaptureQueue, 'setRules' | 'add'>;
  /** Sums of what was written until a moment ago. Rejects with `history_unavailable`. */
  statistics(question: StatsQuestion): Promise<Statistics>;
  /** What was captured of the heads of that request. Rejects with `history_unavailable`. */
  heads(request: string): Promise<FoundHeads>;
  /** As far as it is known by now; before anything has failed, all is well. */
  status(): HistoryStatus;
  /** Writes what is waiting and ends the thread. Never rejects; gives up after five seconds. */
  close(): Promise<void>;
};

// What is collected for a tenth of a second is committed at once on the other side.
const collectMs = 100;
const batchRows = 500;
/** Rows that may wait for a thread that does not keep up. */
const queueRows = 10_000;
const queueLimits = 2000;
const closeMs = 5000;

/** Starts the history's own thread. A file that cannot be written turns the history off until a later try works. */
export const openHistory = ({ onStatus, onCaptureTaken, ...options }: HistoryOptions): HistoryClient => {
  const settings: HistorySettings = { retryMs: 1000, ...options };
  let status: HistoryStatus = { ok: true, reason: null };
  let closing: Promise<void> | null = null;

  const report = (next: HistoryStatus): void => {
    status = next;
    onStatus(next);
  };

  const begin = (): Thread =>
    startThread(settings, {
      onMessage(message) {
        if (message.type === 'status') report(message.status);
        else if (message.type === 'captureTaken') captures.taken(message.lost);
        else if (message.type === 'taken') collector.taken();
        else asked.answered(message);
      },
      onDeath(error) {
        asked.giveUp('its thread has ended');
        captures.lostAll();
        report({ ok: false, reason: `its thread has ended: ${errorShape(error).message}` });
        if (!closing) restart.plan();
      },
    });

  const restart = createRetry(() => {
    asked.giveUp('its thread was started again');
    thread = begin();
    captures.begin();
    report({ ok: true, reason: 'its thread was started again; requests may be missing' });
    collector.taken();
  }, settings.retryMs);

  const collector = createCollector((rows, limits) => thread.post({ type: 'rows', rows, limits }));
  const asked = createAsked((message) => thread.post(message));
  const captures = createCaptureQueue(
    (message) => thread.postCapture(message),
    onCaptureTaken ?? (() => undefined),
  );
  let thread = begin();
  return {
    captures,
    write(request) {
      if (!closing) collector.add([request], []);
    },
    writeLimits(limits) {
      if (!closing && limits.length > 0) collector.add([], limits);
    },
    ...asked.ask,
    status: () => ({ ok: status.ok, reason: status.reason ?? missing(collector.lost()) }),
    close() {
      restart.cancel();
      collector.flush();
      asked.close('it is closed');
      closing ??= thread.end(closeMs);
      return closing;
    },
  };
};

/** All that is asked of the thread. */
const createAsked = (post: Thread['post']) => {
  const statistics = createQuestions<StatsQuestion, Statistics>((id, question) =>
    post({ type: 'question', id, question }),
  );
  const heads = createQuestions<string, FoundHeads>((id, request) => post({ type: 'heads', id, request }));
  return {
    ask: { statistics: statistics.ask, heads: heads.ask },
    answered(message: Extract<FromHistory, { type: 'answer' | 'heads' }>): void {
      if (message.type === 'answer') statistics.answered(message);
      else heads.answered(message);
    },
    giveUp(reason: string): void {
      statistics.giveUp(reason);
      heads.giveUp(reason);
    },
    close(reason: string): void {
      statistics.close(reason);
      heads.close(reason);
    },
  };
};

const missing = (count: number): string | null => (count > 0 ? `${count} requests are missing` : null);

type Collector = {
  add(requests: readonly PricedRequest[], limits: readonly LimitSnapshot[]): void;
  /** The batch under way has been taken. */
  taken(): void;
  /** Sends all there is, at once. */
  flush(): void;
  lost(): number;
};

/** Makes batches of single requests. One is under way at a time, so that a thread which hangs holds only that one. */
const createCollector = (send: (rows: PricedRequest[], limits: LimitSnapshot[]) => void): Collector => {
  const queue = createBacklog<PricedRequest>(queueRows);
  const snapshots = createBacklog<LimitSnapshot>(queueLimits);
  let isBusy = false;
  let timer: NodeJS.Timeout | null = null;

  const sendOldest = (count: number): void => {
    if (timer) clearTimeout(timer);
    timer = null;
    if (queue.size() + snapshots.size() === 0) return;
    isBusy = true;
    const rows = queue.oldest(count);
    const limits = snapshots.oldest(queueLimits);
    queue.drop(rows.length);
    snapshots.drop(limits.length);
    send(rows, limits);
  };

  const schedule = (): void => {
    if (isBusy || queue.size() + snapshots.size() === 0) return;
    if (queue.size() >= batchRows) sendOldest(batchRows);
    else timer ??= setTimeout(() => sendOldest(batchRows), collectMs);
  };

  return {
    add(requests, limits) {
      queue.add(requests);
      snapshots.add(limits);
      schedule();
    },
    taken() {
      isBusy = false;
      schedule();
    },
    flush: () => sendOldest(queueRows),
    lost: queue.lost,
  };
};
