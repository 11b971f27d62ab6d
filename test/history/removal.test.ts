import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pragma } from '../../source/history/database.ts';
import type { HistoryFile } from '../../source/history/history-file.ts';
import { readLimits } from '../../source/history/limit-rows.ts';
import { sealCapture } from '../../source/history/capture-seal.ts';
import { newestRow, readCapturedIds } from '../../source/history/queries.ts';
import { buildRollups, builtHours } from '../../source/history/rollups.ts';
import { removeAside, removeHistory } from '../../source/history/removal.ts';
import { asEpoch } from '../../source/shared/types.ts';
import type { LimitSnapshot } from '../../source/store/limit-news.ts';
import { givenHistory } from '../kit/given-history.ts';
import { accountId, pricedSample } from '../store/samples.ts';
import { passedCapture } from './capture-samples.ts';
import { idsIn, samples, withDatabase } from './rows.ts';

let home: string;
let file: string;
let history: HistoryFile;
givenHistory((...made) => {
  [file, history, home] = made;
});

const limit = (at: number): LimitSnapshot => ({
  at: asEpoch(at),
  accountId: accountId('work'),
  window: '5h',
  scope: null,
  utilization: 0.5,
  resetsAt: null,
  status: null,
  source: 'header',
});
const newest = (): number => newestRow(file) ?? 0;

test('what is older than the time goes, with its snapshots, in steps beside who writes', async () => {
  const rows = samples(2500);
  const before = rows[2400]!.at;
  history.commit(rows, [limit(before - 1), limit(before)]);
  const size = statSync(file).size;
  const removing = removeHistory({ file, before, newest: newest() });
  // Between two of its steps.
  history.commit([pricedSample(9000)]);
  expect(await removing).toBe(2400);
  expect(idsIn(file)).toEqual([...rows.slice(2400), pricedSample(9000)].map(({ id }) => id));
  expect(withDatabase(file, (database) => readLimits(database, 0))).toEqual([limit(before)]);
  expect(statSync(file).size).toBeLessThan(size / 3);
});

test('what was written after the export stays', async () => {
  history.commit(samples(3));
  const exported = newest();
  history.commit(samples(2, 10));
  expect(await removeHistory({ file, before: null, newest: exported })).toBe(3);
  expect(idsIn(file)).toEqual(samples(2, 10).map(({ id }) => id));
});

test('what was captured goes with its request, and of one that was written after the export it stays', async () => {
  const key = randomBytes(32);
  const [gone, late] = [pricedSample(1), pricedSample(2)];
  const capture = (n: number, { id, at }: typeof gone) =>
    history.commitCaptures([sealCapture({ ...passedCapture(n), id, at }, key)]);
  history.commit([gone]);
  capture(1, gone);
  // Its request went before, or has never come.
  history.commitCaptures([sealCapture(passedCapture(3), key)]);
  const exported = newest();
  history.commit([late]);
  capture(2, late);
  await removeHistory({ file, before: null, newest: exported });
  expect([...readCapturedIds(file, asEpoch(0)).keys()]).toEqual([late.id]);
  await removeHistory({ file, before: null, newest: newest() });
  expect(readCapturedIds(file, asEpoch(0)).size).toBe(0);
});

test('clearing leaves no row in any table, and none of the bytes', async () => {
  history.commit([pricedSample(1, { session: 'a-secret-session' })], [limit(1)]);
  withDatabase(file, (database) =>
    database.exec(`create table "odd ""name" (x); insert into "odd ""name" values ('a-secret-count')`),
  );
  expect(await removeHistory({ file, before: null, newest: newest() })).toBe(1);
  history.close();
  const bytes = readFileSync(file).toString('latin1');
  expect(bytes).not.toContain('a-secret');
  expect(withDatabase(file, (database) => database.prepare('select * from "odd ""name"').all())).toEqual([]);
  expect(withDatabase(file, (database) => readLimits(database, 0))).toEqual([]);
});

test('what was counted of the requests that go is gone with them, and of the others it stays', async () => {
  const hour = 3_600_000;
  const first = Math.floor(samples(1)[0]!.at / hour) * hour;
  const at = (time: number) => ({ at: asEpoch(time) });
  history.commit([
    pricedSample(1, { ...at(first), session: 'a-secret-session' }),
    pricedSample(2, { ...at(first + hour), session: 'a-secret-half' }),
    pricedSample(3, { ...at(first + 1.5 * hour), session: 'stays' }),
    pricedSample(4, { ...at(first + 2 * hour), session: 'kept' }),
  ]);
  withDatabase(file, (database) => [...buildRollups(database, first + 9 * hour)]);
  expect(await removeHistory({ file, before: asEpoch(first + 1.2 * hour), newest: newest() })).toBe(2);
  history.close();
  const bytes = readFileSync(file).toString('latin1');
  expect(bytes).not.toContain('a-secret');
  expect(withDatabase(file, (database) => builtHours(database, 0))).toEqual([first / hour + 2]);
  expect(bytes).toContain('kept');
});

test('of no history nothing is removed, and none is made', async () => {
  expect(await removeHistory({ file, before: null, newest: 0 })).toBe(0);
  expect(existsSync(file)).toBe(false);
  expect(removeAside(file)).toBe(0);
  expect(removeAside(join(home, 'none', 'history.sqlite'))).toBe(0);
});

test('a history of an earlier version stays one, for the instance of that version that may run', async () => {
  copyFileSync(new URL('../fixtures/history/version-1.sqlite', import.meta.url), file);
  expect(await removeHistory({ file, before: null, newest: 2 })).toBe(2);
  expect(withDatabase(file, (database) => pragma(database, 'user_version'))).toBe(1);
  expect(idsIn(file)).toEqual([pricedSample(3).id]);
});

test('a history of a newer version is refused', async () => {
  history.commit(samples(1));
  withDatabase(file, (database) => database.exec('pragma user_version = 99'));
  await expect(removeHistory({ file, before: null, newest: 1 })).rejects.toThrow('newer version');
});

test('a file that cannot be changed is said in one line', async () => {
  writeFileSync(file, 'no database at all '.repeat(500));
  await expect(removeHistory({ file, before: null, newest: 0 })).rejects.toMatchObject({
    code: 'history_unavailable',
    message: 'history.sqlite cannot be changed: it is damaged',
  });
});

test('files that were set aside go, and no others', () => {
  const aside = ['.broken-2026-11-22T043005.000Z', '.broken-2026-11-22T043005.000Z-wal', '.version-1'];
  const others = ['', '-wal', '.backup', '.broken-mine', '.version-1.txt'];
  for (const suffix of [...aside, ...others]) writeFileSync(file + suffix, 'x');
  expect(removeAside(file)).toBe(2);
  expect(readdirSync(home).sort()).toEqual(others.map((suffix) => `history.sqlite${suffix}`).sort());
});
