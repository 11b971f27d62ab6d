import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import {
  packMessage,
  type FromHistory,
  type HistorySettings,
  type ToHistory,
} from '../../source/history/messages.ts';
import { openDatabase } from '../../source/history/database.ts';
import { givenFile } from '../kit/given-file.ts';
import { idsIn, lock, samples } from './rows.ts';

let file: string;
givenFile('history.sqlite', (path) => {
  file = path;
});

const start = (): Worker => {
  const workerData: HistorySettings = { file, retentionDays: 36_500, maxMiB: 16, retryMs: 20 };
  return new Worker(new URL('../../source/history/worker.ts', import.meta.url), { workerData, stderr: true });
};
const post = (worker: Worker, message: ToHistory): void => worker.postMessage(packMessage(message));
const answer = async (worker: Worker): Promise<FromHistory> =>
  (await once(worker, 'message'))[0] as FromHistory;

test('each batch is answered once it is on disk', async () => {
  const worker = start();
  post(worker, { type: 'rows', rows: samples(2) });
  expect(await answer(worker)).toEqual({ type: 'taken' });
  expect(idsIn(file)).toHaveLength(2);
  post(worker, { type: 'close' });
  expect(await once(worker, 'exit')).toEqual([0]);
});

test('a batch is answered as well when the file cannot be written, and the status tells', async () => {
  openDatabase(file, 1024 * 1024).close();
  const unlock = lock(file);
  const worker = start();
  post(worker, { type: 'rows', rows: samples(2) });
  const reason = 'history.sqlite: another program has locked it';
  expect(await answer(worker)).toEqual({ type: 'status', status: { ok: false, reason } });
  expect(await answer(worker)).toEqual({ type: 'taken' });
  unlock();
  expect(await answer(worker)).toEqual({ type: 'status', status: { ok: true, reason: null } });
  expect(idsIn(file)).toHaveLength(2);
  post(worker, { type: 'close' });
  await once(worker, 'exit');
});

test('what is still being answered keeps nobody waiting for the end', async () => {
  const worker = start();
  const told: string[] = [];
  worker.on('message', (message: FromHistory) => told.push(message.type));
  post(worker, { type: 'rows', rows: samples(3000) });
  post(worker, { type: 'question', id: 1, question: { since: 0, slotMs: 3_600_000, slots: 1 } });
  post(worker, { type: 'close' });
  expect(await once(worker, 'exit')).toEqual([0]);
  expect(told).toEqual(['taken']);
  expect(idsIn(file)).toHaveLength(3000);
});

test('loaded anywhere but in a thread it does nothing', async () => {
  await expect(import('../../source/history/worker.ts')).resolves.toBeDefined();
});
