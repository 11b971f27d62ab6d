import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { capturedOf, openCapture } from '../../source/history/capture-seal.ts';
import { createCaptureQueue } from '../../source/history/capture-queue.ts';
import { openHistory, type HistoryClient } from '../../source/history/client.ts';
import { openDatabase } from '../../source/history/database.ts';
import type { CaptureMessage } from '../../source/history/messages.ts';
import { readCapture, readCapturedIds } from '../../source/history/queries.ts';
import { temporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';
import { passedCapture } from './capture-samples.ts';
import { everything, idsIn, lock, samples } from './rows.ts';

let home: TemporaryHome;
let file: string;
beforeEach(async () => {
  home = await temporaryHome();
  file = join(home.path, 'history.sqlite');
});
afterEach(() => home.remove());

const key = randomBytes(32);
const rules = { key, days: 36_500, maxMiB: 16 };

const start = (): { client: HistoryClient; taken: (string | null)[]; next(): Promise<void> } => {
  const taken: (string | null)[] = [];
  let onNext: (() => void) | null = null;
  const client = openHistory({
    file,
    retentionDays: 36_500,
    maxMiB: 16,
    retryMs: 20,
    onStatus: () => undefined,
    onCaptureTaken(lost) {
      taken.push(lost);
      onNext?.();
    },
  });
  const next = (): Promise<void> =>
    new Promise((resolve) => {
      onNext = resolve;
    });
  return { client, taken, next };
};

test('captures are written encrypted by the thread of the history, and what was handed over is gone here', async () => {
  const { client, taken } = start();
  client.captures.setRules(rules);
  const handed = [1, 2, 3].map((n) => passedCapture(n));
  for (const capture of handed) client.captures.add(capture);
  expect(handed.map(({ body }) => body.bytes.length)).toEqual([0, 0, 0]);
  await client.close();
  expect(taken).toEqual([null, null, null]);
  expect([...readCapturedIds(file, everything).keys()]).toEqual(['captured-1', 'captured-2', 'captured-3']);
  const sealed = readCapture(file, 'captured-2');
  expect(sealed && openCapture(sealed, key)).toEqual(capturedOf(passedCapture(2)));
});

test('while the file cannot be written captures are lost and told, and requests are not', async () => {
  openDatabase(file, 1024 * 1024).close();
  const unlock = lock(file);
  const { client, taken, next } = start();
  client.captures.setRules(rules);
  const told = next();
  client.captures.add(passedCapture(1));
  client.write(samples(1)[0]!);
  await told;
  expect(taken).toEqual([expect.stringMatching(/locked|history is off/)]);
  unlock();
  while (idsIn(file).length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
  const again = next();
  client.captures.add(passedCapture(2));
  await again;
  expect(taken.at(-1)).toBeNull();
  await client.close();
});

test('a thread that dies loses what it had, which is told, and the next one goes on with the same key', () => {
  const taken: (string | null)[] = [];
  const posted: CaptureMessage['type'][] = [];
  const queue = createCaptureQueue(
    ({ type }) => posted.push(type),
    (lost) => taken.push(lost),
  );
  queue.begin();
  queue.setRules(rules);
  queue.add(passedCapture(1));
  queue.add(passedCapture(2));
  queue.taken(null);
  queue.lostAll();
  // Sent to nobody, before there is another one.
  queue.add(passedCapture(3));
  queue.begin();
  queue.add(passedCapture(4));
  queue.taken(null);
  // Of the thread from before: it counts for nothing.
  queue.taken(null);
  expect(taken).toEqual([null, expect.stringContaining('ended'), expect.stringContaining('again'), null]);
  expect(posted).toEqual(['captureRules', 'capture', 'capture', 'capture', 'captureRules', 'capture']);
});

test('a key is wiped when another one follows, or none, and not before', () => {
  const queue = createCaptureQueue(
    () => undefined,
    () => undefined,
  );
  const [first, second] = [Uint8Array.from(key), Uint8Array.from(key)];
  const wiped = (): boolean[] => [first, second].map((each) => each.every((byte) => byte === 0));
  queue.setRules({ ...rules, key: first });
  queue.setRules({ ...rules, key: first, days: 1 });
  queue.begin();
  expect(wiped()).toEqual([false, false]);
  queue.setRules({ ...rules, key: second });
  expect(wiped()).toEqual([true, false]);
  queue.setRules({ ...rules, key: null });
  expect(wiped()).toEqual([true, true]);
});
