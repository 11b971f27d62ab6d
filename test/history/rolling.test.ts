import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createHistoryFile } from '../../source/history/history-file.ts';
import { createRolling, type Rolling } from '../../source/history/rolling.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { givenFile } from '../kit/given-file.ts';
import { pricedSample } from '../store/samples.ts';
import { clockAt, lock, withDatabase } from './rows.ts';

const hour = 3_600_000;
const begin = Math.floor(1_795_000_000_000 / hour) * hour;

let home: string;
let file: string;
givenFile('history.sqlite', (path, folder) => {
  [file, home] = [path, folder];
});

const clock = clockAt(begin + 2 * hour);
const rolling = (): Rolling => createRolling({ file, maxMiB: 16, clock });
const writer = () => createHistoryFile({ file, retentionDays: 36_500, maxMiB: 16, clock });
const rows = (count: number) =>
  Array.from({ length: count }, (_, n) => pricedSample(n, { at: asEpoch(begin + n) }));
const built = (): unknown[] =>
  withDatabase(file, (database) => database.prepare('select hour from rollup_hours where built = 1').all());

test('a round sums up what has passed, beside whoever writes, who is never kept waiting', async () => {
  const history = writer();
  history.commit(rows(3000));
  const { round, close } = rolling();
  let written = 3000;
  const state = { ended: false };
  const summing = round().then(() => Object.assign(state, { ended: true }));
  while (!state.ended) {
    history.commit([pricedSample((written += 1), { at: asEpoch(begin + hour + written) })]);
    await new Promise(setImmediate);
  }
  await summing;
  expect(written).toBeGreaterThan(3002);
  expect(built()).toContainEqual({ hour: begin / hour });
  close();
  history.close();
});

test('closing ends a round at once, and the next program goes on with it', async () => {
  const history = writer();
  history.commit(rows(3000));
  const first = rolling();
  const summing = first.round();
  await new Promise(setImmediate);
  first.close();
  await summing;
  await first.round();
  expect(built()).toEqual([]);
  history.close();
  expect(existsSync(`${file}-wal`)).toBe(false);
  await rolling().round();
  expect(built()).toEqual([{ hour: begin / hour }]);
});

test('a round that cannot be is none: without a file, with a broken one, a folder or a lock', async () => {
  await rolling().round();
  expect(existsSync(file)).toBe(false);
  mkdirSync(file);
  await rolling().round();
  file = join(home, 'broken.sqlite');
  writeFileSync(file, 'x'.repeat(5000));
  await rolling().round();
  file = join(home, 'locked.sqlite');
  const history = writer();
  history.commit(rows(10));
  history.close();
  const unlock = lock(file);
  await rolling().round();
  unlock();
  expect(built()).toEqual([]);
  await rolling().round();
  expect(built()).toHaveLength(1);
});
