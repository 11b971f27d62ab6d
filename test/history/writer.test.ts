import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readLimits } from '../../source/history/limit-rows.ts';
import type { HistoryStatus } from '../../source/history/messages.ts';
import { createWriter, pendingLimit, type Writer } from '../../source/history/writer.ts';
import { asEpoch } from '../../source/shared/types.ts';
import type { LimitSnapshot } from '../../source/store/limit-news.ts';
import { inRun } from '../kit/long-run.ts';
import { givenFile } from '../kit/given-file.ts';
import { accountId, pricedSample } from '../store/samples.ts';
import { clockAt, idsIn, samples, withDatabase } from './rows.ts';

let home: string;
let file: string;
let writer: Writer | null;
let told: HistoryStatus[];
let onNext: ((status: HistoryStatus) => void) | null;

givenFile('history.sqlite', (path, folder) => {
  [file, home] = [path, folder];
  told = [];
  onNext = null;
});
afterEach(() => {
  writer?.close();
  writer = null;
});

const start = (options: { retryMs?: number; maxMiB?: number } = {}): Writer => {
  writer = createWriter({
    file,
    retentionDays: 30,
    maxMiB: 16,
    clock: clockAt(1_795_000_000_000),
    retryMs: 20,
    onStatus(status) {
      told.push(status);
      onNext?.(status);
    },
    ...options,
  });
  return writer;
};

const limit: LimitSnapshot = {
  at: asEpoch(1_795_000_000_000),
  accountId: accountId('work'),
  window: '5h',
  scope: null,
  utilization: 0.42,
  resetsAt: null,
  status: 'allowed',
  source: 'header',
};

const nextStatus = (): Promise<HistoryStatus> =>
  new Promise((resolve) => {
    onNext = resolve;
  });

const brokenFiles = (): string[] =>
  readdirSync(home).filter((name) => /\.broken-[^-]+-[^-]+-[^-]+Z$/.test(name));

test('rows are committed at once, and nothing is told while all is well', () => {
  const writer = start();
  writer.write(samples(3));
  expect(idsIn(file)).toHaveLength(3);
  expect(told).toEqual([]);
});

test('snapshots of limits are committed with the rows or alone, and wait with them for a file that is away', async () => {
  mkdirSync(file);
  const writer = start();
  writer.write([], [limit]);
  const back = nextStatus();
  rmdirSync(file);
  expect(await back).toEqual({ ok: true, reason: null });
  expect(withDatabase(file, (database) => readLimits(database, 0))).toEqual([limit]);
  writer.write(samples(1), [{ ...limit, scope: 'opus' }]);
  expect(withDatabase(file, (database) => readLimits(database, 0))).toHaveLength(2);
  expect(idsIn(file)).toHaveLength(1);
});

describe('a damaged file', () => {
  test.each([
    ['that is no database', () => writeFileSync(file, 'no database at all '.repeat(500))],
    [
      'whose tables are torn',
      () => {
        start().write(samples(500));
        writer!.close();
        const bytes = readFileSync(file);
        writeFileSync(file, bytes.fill(0xee, 4096));
      },
    ],
    [
      'that was cut short',
      () => {
        start().write(samples(500));
        writer!.close();
        truncateSync(file, 6000);
      },
    ],
  ])('%s is kept aside, byte for byte, and a new one is begun', (_, damage) => {
    damage();
    const before = readFileSync(file);
    start().write(samples(2));
    expect(idsIn(file)).toHaveLength(2);
    expect(brokenFiles()).toHaveLength(1);
    expect(readFileSync(join(home, brokenFiles()[0]!))).toEqual(before);
    expect(told).toEqual([
      {
        ok: false,
        reason: `history.sqlite: it is damaged, kept as ${brokenFiles()[0]}; a new one is begun`,
      },
      { ok: true, reason: null },
    ]);
  });

  test('found while it is in use loses none of the rows that were being written', () => {
    const writer = start();
    writer.write(samples(300));
    withDatabase(file, (database) => database.exec('pragma wal_checkpoint(truncate)'));
    const pages = statSync(file).size;
    writeFileSync(file, Buffer.alloc(pages, 0xee));
    writer.write(samples(100, 1000));
    expect(idsIn(file)).toEqual(samples(100, 1000).map(({ id }) => id));
    expect(brokenFiles()).toHaveLength(1);
  });
});

describe('a file that cannot be written', () => {
  test('turns the history off with a reason; what came meanwhile is written when it works again', async () => {
    mkdirSync(file);
    const writer = start();
    expect(told).toEqual([{ ok: false, reason: 'history.sqlite: it is a folder' }]);
    writer.write(samples(2));
    writer.write(samples(1, 3));
    const back = nextStatus();
    rmdirSync(file);
    expect(await back).toEqual({ ok: true, reason: null });
    expect(idsIn(file)).toHaveLength(3);
  });

  test('the rows that wait are bounded; how many were lost is told', async () => {
    mkdirSync(file);
    const writer = start();
    writer.write(samples(pendingLimit));
    writer.write(samples(5, pendingLimit + 1));
    const back = nextStatus();
    rmdirSync(file);
    expect(await back).toEqual({ ok: true, reason: '5 requests are missing' });
    expect(idsIn(file)[0]).toBe(pricedSample(6).id);
    expect(idsIn(file)).toHaveLength(pendingLimit);
  });

  test('of a newer version stays untouched', () => {
    start().write(samples(1));
    writer!.close();
    withDatabase(file, (database) => database.exec('pragma user_version = 99'));
    start().write(samples(1, 2));
    expect(told).toEqual([
      { ok: false, reason: 'history.sqlite: history.sqlite was written by a newer version' },
    ]);
    expect(brokenFiles()).toEqual([]);
  });

  test('is tried once more when the history is closed', () => {
    mkdirSync(file);
    const writer = start({ retryMs: 60_000 });
    writer.write(samples(2));
    rmdirSync(file);
    writer.close();
    expect(idsIn(file)).toHaveLength(2);
  });
});

test('growing beyond its size it sheds the oldest rows between the writes', { timeout: 60_000 }, async () => {
  const writer = start({ maxMiB: 2 });
  // 12,000 rows, in the long run 100,000.
  const batches = inRun(60, 500);
  for (let n = 0; n < batches; n += 1) {
    writer.write(samples(200, n * 200 + 1));
    await new Promise(setImmediate);
  }
  for (let n = 0; n < 100; n += 1) await new Promise(setImmediate);
  const ids = idsIn(file);
  expect(statSync(file).size + statSync(`${file}-wal`).size).toBeLessThan(2.2 * 1024 * 1024);
  expect(ids.at(-1)).toBe(pricedSample(batches * 200).id);
  expect(ids.length).toBeGreaterThan(500);
  expect(told).toEqual([]);
});

test('a long backlog written at once stays within the size as well', () => {
  const writer = start({ maxMiB: 2 });
  writer.write(samples(pendingLimit));
  writer.close();
  expect(statSync(file).size).toBeLessThan(2.2 * 1024 * 1024);
  expect(idsIn(file).at(-1)).toBe(pricedSample(pendingLimit).id);
});
