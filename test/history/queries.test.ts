import * as fc from 'fast-check';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { HistoryFile } from '../../source/history/history-file.ts';
import { openHistory } from '../../source/history/client.ts';
import { newestRow, readHistory, readRowsAfter } from '../../source/history/queries.ts';
import { CcrError } from '../../source/shared/errors.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { inRun } from '../kit/long-run.ts';
import { givenHistory } from '../kit/given-history.ts';
import { pricedSample } from '../store/samples.ts';
import { everything, idsIn, readAll, samples, withDatabase } from './rows.ts';

let home: string;
let file: string;
let history: HistoryFile;
givenHistory((...made) => {
  [file, history, home] = made;
});

const thrown = (work: () => unknown): CcrError => {
  try {
    work();
  } catch (error) {
    if (error instanceof CcrError) return error;
  }
  throw new Error('no CcrError was thrown');
};

test('no history yet is no request, and makes no file', () => {
  expect(readAll(file)).toEqual([]);
  expect(existsSync(file)).toBe(false);
});

test('a file that the instance has only just made is no request', () => {
  writeFileSync(file, '');
  expect(readAll(file)).toEqual([]);
});

test('any span and any limit give the newest of the span, oldest first', () => {
  const times = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 40 });
  history.commit([]);
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 31 }), fc.option(fc.nat(45)), (times, since, limit) => {
      const written = times.map((at, n) => pricedSample(n, { at: asEpoch(at) }));
      withDatabase(file, (database) => database.exec('delete from requests'));
      history.commit(written);
      const inSpan = written.filter(({ at }) => at >= since).sort((a, b) => a.at - b.at);
      const expected = limit === null ? inSpan : inSpan.slice(Math.max(0, inSpan.length - limit));
      expect([...readHistory({ file, since: asEpoch(since), limit })]).toEqual(expected);
    }),
  );
});

test('an end of the span and a newest row cut off what is behind them, before the limit counts', () => {
  const times = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 25 });
  history.commit([]);
  fc.assert(
    fc.property(times, fc.nat(21), fc.nat(26), fc.option(fc.nat(9)), (written, before, newest, limit) => {
      const all = written.map((at, n) => pricedSample(n, { at: asEpoch(at) }));
      withDatabase(file, (database) => database.exec('delete from requests'));
      history.commit(all);
      const known = all.slice(0, newest).filter(({ at }) => at < before);
      const sorted = known.sort((a, b) => a.at - b.at);
      const expected = limit === null ? sorted : sorted.slice(Math.max(0, sorted.length - limit));
      const query = { file, since: everything, before: asEpoch(before), newest, limit };
      expect([...readHistory(query)]).toEqual(expected);
    }),
  );
  expect([...readHistory({ file, since: everything, limit: null, newest: null })]).toEqual([]);
});

test('rows are read on in the order in which they were written, by their numbers', () => {
  expect([newestRow(file), readRowsAfter(file, 0)]).toEqual([null, []]);
  history.commit([pricedSample(2), pricedSample(1)]);
  expect(newestRow(file)).toBe(2);
  expect(readRowsAfter(file, 0).map(({ row, request }) => [row, request])).toEqual([
    [1, pricedSample(2)],
    [2, pricedSample(1)],
  ]);
  expect(readRowsAfter(file, 1)).toHaveLength(1);
});

test('many pages of rows, of which many share a moment, come whole and in order', () => {
  const rows = Array.from({ length: 3500 }, (_, n) => pricedSample(n, { at: asEpoch(Math.floor(n / 1700)) }));
  history.commit(rows);
  expect(readAll(file)).toEqual(rows);
  expect([...readHistory({ file, since: everything, limit: 2001 })]).toEqual(rows.slice(-2001));
});

test('what is written while somebody reads comes not into this reading, and does not lock it out', () => {
  history.commit(samples(2500));
  const reading = readHistory({ file, since: everything, limit: null });
  reading.next();
  history.commit(samples(2500, 10_000));
  expect([...reading]).toHaveLength(2499);
  expect(idsIn(file)).toHaveLength(5000);
});

test('a reader that stops in the middle does not make the log grow', () => {
  history.commit(samples(2500));
  const reading = readHistory({ file, since: everything, limit: null });
  reading.next();
  const checkpoint = withDatabase(file, (database) =>
    database.prepare('pragma wal_checkpoint(truncate)').get(),
  );
  expect(checkpoint).toMatchObject({ busy: 0 });
  reading.return();
});

test('reading works without a writer', () => {
  history.commit(samples(2));
  history.close();
  expect(idsIn(file)).toHaveLength(2);
});

test('reading changes nothing in the file', () => {
  history.commit(samples(2));
  history.close();
  const before = readFileSync(file);
  readAll(file);
  expect(readFileSync(file)).toEqual(before);
  expect(readdirSync(home).every((name) => name.startsWith('history.sqlite'))).toBe(true);
});

describe('what cannot be read is said in one line', () => {
  test('a file that is no database', () => {
    writeFileSync(file, 'no database at all '.repeat(500));
    const error = thrown(() => readAll(file));
    expect(error.code).toBe('history_unavailable');
    expect(error.lines).toEqual([
      'history.sqlite cannot be read: it is damaged; the next start keeps it aside and begins a new one',
    ]);
  });

  test('a folder in its place', () => {
    mkdirSync(file);
    expect(thrown(() => readAll(file)).lines).toEqual([
      'history.sqlite cannot be read: it is no file; check the file and its folder',
    ]);
  });

  test('a file of a newer version', () => {
    history.commit(samples(1));
    withDatabase(file, (database) => database.exec('pragma user_version = 99'));
    expect(thrown(() => readAll(file)).lines).toEqual([
      'history.sqlite was written by a newer version; update ccr-tui',
    ]);
  });
});

const many = inRun(30_000, 100_000);

test(`reading ${many} rows holds up neither the writer nor who hands it rows`, async () => {
  history.commit(samples(1000));
  history.close();
  withDatabase(file, (database) => {
    const names = database.prepare('select name from pragma_table_info(?)').all('requests');
    const columns = names.map(({ name }) => (name === 'id' ? `id || '-' || n` : `"${String(name)}"`));
    database.exec(`with recursive copies(n) as (select 1 union all select n + 1 from copies where n < ${many / 1000 - 1})
      insert into requests select ${columns.join()} from requests cross join copies`);
  });
  const statuses: unknown[] = [];
  const client = openHistory({
    file,
    retentionDays: 36_500,
    maxMiB: 1024,
    onStatus: (status) => statuses.push(status),
  });
  const reader = spawn(process.execPath, [new URL('read-history.ts', import.meta.url).pathname, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  reader.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(reader, 'close');
  const tookMs: number[] = [];
  let handed = 0;
  const timer = setInterval(() => {
    const before = performance.now();
    for (let n = 0; n < 20; n += 1) client.write(pricedSample(1_000_000 + (handed += 1)));
    tookMs.push(performance.now() - before);
  }, 5);
  await ended;
  clearInterval(timer);
  await client.close();
  expect(output).toMatch(/^begun\n\d+\n$/);
  expect(Number(output.split('\n')[1])).toBeGreaterThanOrEqual(many);
  expect(handed).toBeGreaterThan(100);
  // Not the longest one: a busy machine takes the processor away for tens of milliseconds.
  const usualMs = tookMs.sort((a, b) => a - b)[Math.floor(tookMs.length * 0.95)] ?? Number.NaN;
  expect(usualMs).toBeLessThan(5);
  expect(statuses).toEqual([]);
  const count = 'select count(*) as count from requests';
  expect(withDatabase(file, (database) => database.prepare(count).get())).toEqual({
    count: many + handed,
  });
  if (process.env['CCR_SHOW_FIGURES'] === '1') {
    console.log(
      `20 rows handed over in ${usualMs.toFixed(2)} ms (95 %), ${tookMs.at(-1)?.toFixed(2)} ms (all)`,
    );
  }
});
