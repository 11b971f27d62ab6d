import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../shared/clock.ts';
import { errorShape } from '../shared/errors.ts';
import type { Statistics } from '../shared/statistics.ts';
import type * as Answering from './answer.ts';
import type { CaptureKeeper } from './capture-keeper.ts';
import { unpackMessage, type CaptureMessage, type FromHistory, type HistorySettings } from './messages.ts';
import { createRolling } from './rolling.ts';
import { createWriter, type Writer } from './writer.ts';

// The history's own thread: SQLite is synchronous, and nothing else may wait for a disk.
// Node runs this file itself, as TypeScript in tests: only syntax whose types can be erased.

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const firstRoundMs = 3000;

/** Does what is asked of a keeper in the order of the asking; it is loaded for the first of that. */
type LateKeeper = {
  take(message: CaptureMessage): void;
  heads(request: string, tell: (found: ReturnType<CaptureKeeper['heads']>) => void): void;
  /** Does this when all of that is done. */
  afterwards(work: () => void): void;
};

/** Most installations capture nothing: encryption is loaded with the first key, or when somebody asks what was captured. */
const lateKeeper = (file: string, writer: Writer, tell: (message: FromHistory) => void): LateKeeper => {
  let loading: Promise<CaptureKeeper> | null = null;
  const load = async (): Promise<CaptureKeeper> => {
    const { createCaptureKeeper } = await import('./capture-keeper.ts');
    return createCaptureKeeper(writer, (lost) => tell({ type: 'captureTaken', lost }));
  };
  const ask = (work: (keeper: CaptureKeeper) => void): void => void (loading ??= load()).then(work);
  return {
    take(message) {
      const isPlain = message.type === 'captureRules' && message.rules.key === null;
      if (loading !== null || !isPlain) return ask((keeper) => keeper.take(message));
      const { days, maxMiB } = message.rules;
      writer.limitCaptures({ days, maxMiB });
    },
    heads: (request, found) => ask((keeper) => found(keeper.heads(file, request))),
    afterwards(work) {
      if (loading === null) work();
      else ask(work);
    },
  };
};

const answered = async (...asked: Parameters<typeof Answering.answer>): Promise<Statistics> => {
  const { answer } = await import('./answer.ts');
  return answer(...asked);
};

const serve = (port: NonNullable<typeof parentPort>, settings: HistorySettings): void => {
  const tell = (message: FromHistory): void => port.postMessage(message);
  const onStatus = (status: Extract<FromHistory, { type: 'status' }>['status']): void =>
    tell({ type: 'status', status });
  const writer = createWriter({ ...settings, clock: systemClock, onStatus });
  const hourly = setInterval(writer.prune, hourMs);
  const rolling = createRolling({ ...settings, clock: systemClock });
  const eachMinute = setInterval(() => void rolling.round(), minuteMs);
  // What was left when the program ended. Only now: it starts with other things to do.
  setTimeout(() => void rolling.round(), firstRoundMs).unref();
  const closed = new AbortController();
  const captures = lateKeeper(settings.file, writer, tell);
  port.on('message', (json: string | CaptureMessage) => {
    if (typeof json !== 'string') return captures.take(json);
    const message = unpackMessage(json);
    if (message.type === 'rows') {
      writer.write(message.rows, message.limits);
      return tell({ type: 'taken' });
    }
    if (message.type === 'question') {
      const { id, question } = message;
      return void answered(settings.file, question, closed.signal).then(
        (statistics) => tell({ type: 'answer', id, answer: statistics }),
        (error: unknown) => tell({ type: 'answer', id, problem: errorShape(error).message }),
      );
    }
    if (message.type === 'heads') {
      const { id, request } = message;
      return captures.heads(request, (found) => tell({ type: 'heads', id, ...found }));
    }
    clearInterval(hourly);
    clearInterval(eachMinute);
    closed.abort();
    captures.afterwards(() => {
      rolling.close();
      writer.close();
      // Nothing is left to wait for: the thread ends.
      port.close();
    });
  });
};

if (parentPort !== null) serve(parentPort, workerData as HistorySettings);
