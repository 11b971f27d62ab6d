import { errorShape } from '../shared/errors.ts';
import type { PricedRequest } from '../store/state.ts';
import { createBacklog } from './backlog.ts';
import type { HistorySettings, HistoryStatus } from './messages.ts';
import { createRetry } from './retry.ts';
import { startThread, type Thread } from './thread.ts';

export type HistoryOptions = {
  file: string;
  retentionDays: number;
  /** Largest size of the file and its write-ahead log together. */
  maxMiB: number;
  /** Called when the status has changed. */
  onStatus(status: HistoryStatus): void;
  /** First pause before a file that cannot be written is tried again; doubles up to a minute. */
  retryMs?: number;
};

export type HistoryClient = {
  /** Hands a request over; it is on disk a quarter of a second later. Never throws, never waits. */
  write(request: PricedRequest): void;
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
const closeMs = 5000;

/** Starts the history's own thread. A file that cannot be written turns the history off until a later try works. */
export const openHistory = ({ onStatus, ...options }: HistoryOptions): HistoryClient => {
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
        else collector.taken();
      },
      onDeath(error) {
        report({ ok: false, reason: `its thread has ended: ${errorShape(error).message}` });
        if (!closing) restart.plan();
      },
    });

  const restart = createRetry(() => {
    thread = begin();
    report({ ok: true, reason: 'its thread was started again; requests may be missing' });
    collector.taken();
  }, settings.retryMs);

  const collector = createCollector((rows) => thread.post({ type: 'rows', rows }));
  let thread = begin();
  return {
    write(request) {
      if (!closing) collector.add(request);
    },
    status: () => ({ ok: status.ok, reason: status.reason ?? missing(collector.lost()) }),
    close() {
      restart.cancel();
      collector.flush();
      closing ??= thread.end(closeMs);
      return closing;
    },
  };
};

const missing = (count: number): string | null => (count > 0 ? `${count} requests are missing` : null);

type Collector = {
  add(request: PricedRequest): void;
  /** The batch under way has been taken. */
  taken(): void;
  /** Sends all there is, at once. */
  flush(): void;
  lost(): number;
};

/** Makes batches of single requests. One is under way at a time, so that a thread which hangs holds only that one. */
const createCollector = (send: (rows: PricedRequest[]) => void): Collector => {
  const queue = createBacklog<PricedRequest>(queueRows);
  let isBusy = false;
  let timer: NodeJS.Timeout | null = null;

  const sendOldest = (count: number): void => {
    if (timer) clearTimeout(timer);
    timer = null;
    if (queue.size() === 0) return;
    isBusy = true;
    const rows = queue.oldest(count);
    queue.drop(rows.length);
    send(rows);
  };

  const schedule = (): void => {
    if (isBusy || queue.size() === 0) return;
    if (queue.size() >= batchRows) sendOldest(batchRows);
    else timer ??= setTimeout(() => sendOldest(batchRows), collectMs);
  };

  return {
    add(request) {
      queue.add([request]);
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
