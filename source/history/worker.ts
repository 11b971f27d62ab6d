import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../shared/clock.ts';
import { unpackMessage, type FromHistory, type HistorySettings } from './messages.ts';
import { createWriter } from './writer.ts';

// The history's own thread: SQLite is synchronous, and nothing else may wait for a disk.
// Node runs this file itself, as TypeScript in tests: only syntax whose types can be erased.

const hourMs = 3600 * 1000;

const serve = (port: NonNullable<typeof parentPort>, settings: HistorySettings): void => {
  const tell = (message: FromHistory): void => port.postMessage(message);
  const onStatus = (status: Extract<FromHistory, { type: 'status' }>['status']): void =>
    tell({ type: 'status', status });
  const writer = createWriter({ ...settings, clock: systemClock, onStatus });
  const hourly = setInterval(writer.prune, hourMs);
  port.on('message', (json: string) => {
    const message = unpackMessage(json);
    if (message.type === 'rows') {
      writer.write(message.rows);
      return tell({ type: 'taken' });
    }
    clearInterval(hourly);
    writer.close();
    // Nothing is left to wait for: the thread ends.
    port.close();
  });
};

if (parentPort !== null) serve(parentPort, workerData as HistorySettings);
