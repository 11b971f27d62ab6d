import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fc from 'fast-check';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../source/history/database.ts';
import { pruneStep } from '../../source/history/retention.ts';
import { buildRollups } from '../../source/history/rollups.ts';
import { insertRow, toRow } from '../../source/history/schema.ts';
import { gatherStatistics, type StatsAnswer, type StatsQuery } from '../../source/history/statistics.ts';
import { asEpoch, outcomes } from '../../source/shared/types.ts';
import type { PricedRequest } from '../../source/store/state.ts';
import { inRun } from '../kit/long-run.ts';
import { givenFile } from '../kit/given-file.ts';
import { pricedSample } from '../store/samples.ts';
import { foundSums, plainSums } from './plain-sums.ts';
import { readAll } from './rows.ts';

const hour = 3_600_000;
const begin = Math.floor(1_795_000_000_000 / hour) * hour;
const mib = 1024 * 1024;

let file: string;
let database: DatabaseSync;
givenFile('history.sqlite', (path) => {
  file = path;
  database = openDatabase(file, mib);
});
afterEach(() => database.close());

const put = (rows: readonly PricedRequest[]): void => {
  database.exec('begin');
  for (const row of rows) database.prepare(insertRow).run(...toRow(row));
  database.exec('commit');
};

/** Runs to its end. */
const gather = (query: StatsQuery): StatsAnswer => {
  const steps = gatherStatistics(database, query);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
};

const dimensions = ['account', 'model', 'client', 'session'] as const;

/** Whatever is summed up and whatever is not: the answer is what the rows say. */
const expectRight = (since: number, slotMs: number | null): void => {
  const rows = readAll(file).filter(({ at }) => at >= since);
  const { all, by, slots, series } = gather({ since, dimensions, slotMs });
  expect(foundSums(all.groups)).toEqual(plainSums(rows, () => null));
  for (const dimension of dimensions) {
    const found = foundSums(by.get(dimension)?.groups ?? new Map());
    expect(found).toEqual(plainSums(rows, (row) => row[dimension]));
  }
  if (slotMs !== null) {
    const slotOf = ({ at }: PricedRequest): string => String(Math.floor(at / slotMs) * slotMs);
    expect(foundSums(slots.groups)).toEqual(plainSums(rows, slotOf));
    for (const dimension of dimensions) {
      const pairs = [...(series.get(dimension) ?? [])].flatMap(([slot, { groups }]) =>
        [...groups].map(([key, { requests }]): [string, number] => [`${slot} ${key}`, requests]),
      );
      const wanted = plainSums(rows, (row) => `${slotOf(row)} ${row[dimension]}`);
      expect(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual(
        wanted.map(([key, { requests }]) => [key, requests]),
      );
    }
  }
};

const samples = (count: number, spreadMs: number): PricedRequest[] =>
  Array.from({ length: count }, (_, n) =>
    pricedSample(n, {
      at: asEpoch(begin + Math.floor((n * spreadMs) / count)),
      account: n % 3 === 0 ? null : `account-${n % 2}`,
      session: `session-${n % 7}`,
      outcome: outcomes[n % outcomes.length]!,
      costUsd: n % 4 === 0 ? null : n / 64,
    }),
  );

const finish = (steps: Iterator<void, void>): number => {
  let count = 0;
  while (steps.next().done !== true) count += 1;
  return count;
};

type Deed =
  | { kind: 'write'; at: number; session: string | null }
  | { kind: 'build'; now: number; steps: number }
  | { kind: 'prune'; olderThan: number }
  | { kind: 'change'; nth: number }
  | { kind: 'reopen' };

const span = 6 * hour;
const time = fc.integer({ min: 0, max: span - 1 });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      at: time,
      session: fc.constantFrom(null, 'a', 'b'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('build' as const), now: time, steps: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('prune' as const), olderThan: time }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('change' as const), nth: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
);

test('statistics are the sum over the rows, whatever was summed up before, came late, went or changed', () => {
  const run = (deeds: readonly Deed[], since: number, slotMs: number | null): void => {
    database.exec('delete from requests; delete from rollups; delete from rollup_hours');
    let building: Iterator<void, void> | null = null;
    const acts: { [Kind in Deed['kind']]: (deed: Extract<Deed, { kind: Kind }>) => void } = {
      write: ({ at, session }) =>
        put([pricedSample((serial += 1), { at: asEpoch(begin + at), session, costUsd: serial / 8 })]),
      build: ({ now, steps }) => {
        // One that is left in the middle, by a restart or an error, goes on or is begun anew.
        building ??= buildRollups(database, begin + now);
        for (let n = 0; n < steps; n += 1) if (building?.next().done === true) building = null;
      },
      prune: ({ olderThan }) =>
        void pruneStep(database, {
          now: asEpoch(begin),
          olderThan: asEpoch(begin + olderThan),
          maxBytes: 64 * mib,
        }),
      change: ({ nth }) =>
        void database
          .prepare(
            'update requests set at = at + ? where rowid = (select rowid from requests limit 1 offset ?)',
          )
          .run(hour, nth),
      reopen: () => {
        building = null;
        database.close();
        database = openDatabase(file, mib);
      },
    };
    for (const each of deeds) acts[each.kind](each as never);
    expectRight(begin + since, slotMs);
    checked += 1;
  };
  let checked = 0;
  let serial = 0;
  fc.assert(
    fc.property(
      fc.array(deed, { maxLength: 30 }),
      time,
      fc.constantFrom(null, hour / 4, hour, 2 * hour),
      run,
    ),
    { numRuns: inRun(40, 3000) },
  );
  expect(checked).toBeGreaterThanOrEqual(40);
});

describe('rollups', () => {
  test('stand for every hour that has passed, once they are made, and are read in place of its rows', () => {
    put(samples(300, 10 * hour));
    finish(buildRollups(database, begin + 9.5 * hour));
    expectRight(begin, hour);
    expectRight(begin + hour / 2, null);
    // A row that nobody told of stands for what is read in the rows.
    database.exec('drop trigger requests_changed');
    database.exec(`update requests set output_tokens = 0 where at < ${begin + 9 * hour}`);
    const { all } = gather({ since: begin + 8 * hour, dimensions: [], slotMs: null });
    expect(all.groups.get(null)?.outputTokens).toBe(30 * 640 + 30 * 640);
  });

  test('are made in steps of few rows, with room for a row in between, which counts', () => {
    put(samples(2500, hour));
    const steps = buildRollups(database, begin + 2 * hour);
    steps.next();
    steps.next();
    put([pricedSample(9999, { at: asEpoch(begin + hour - 1), costUsd: 0.25 })]);
    expect(finish(steps)).toBeGreaterThan(1);
    expectRight(begin, hour);
    finish(buildRollups(database, begin + 2 * hour));
    expectRight(begin, hour);
    expect(database.prepare('select built from rollup_hours').all()).toEqual([{ built: 1 }]);
  });

  test(
    'are right after a kill -9 at any step',
    async () => {
      put(samples(1200, 4 * hour));
      database.close();
      const source = new URL('../../source/history/', import.meta.url).href;
      // Every hour was summed up by the thirtieth step, and is again and again.
      const code = `
      const { openDatabase } = await import('${source}database.ts');
      const { buildRollups } = await import('${source}rollups.ts');
      const database = openDatabase(${JSON.stringify(file)}, ${mib});
      const change = database.prepare('update requests set output_tokens = ? where rowid = ?');
      let left = 30 + Number(process.argv[1]);
      for (let round = 0; round < 100; round += 1) for (const _ of buildRollups(database, ${begin + 5 * hour})) {
        if ((left -= 1) === 0) process.kill(process.pid, 'SIGKILL');
        change.run(left, 1 + ((left * 373) % 1200));
      }`;
      for (let n = 0; n < inRun(2, 40); n += 1) {
        const child = spawn(process.execPath, ['--input-type=module', '-e', code, String(n)], {
          stdio: ['ignore', 'ignore', 'inherit'],
        });
        expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
        database = openDatabase(file, mib);
        expect(() => expectRight(begin, hour)).not.toThrow();
        database.close();
      }
      database = openDatabase(file, mib);
    },
    inRun(20_000, 240_000),
  );

  test('go with their rows', () => {
    put(samples(50, 5 * hour));
    finish(buildRollups(database, begin + 5 * hour));
    database.exec(`delete from requests where at < ${begin + 2 * hour}`);
    finish(buildRollups(database, begin + 5 * hour));
    const hours = database.prepare('select distinct hour from rollups order by hour').all();
    expect(hours.map(({ hour: each }) => Number(each) * hour - begin)).toEqual(
      [2, 3, 4].map((n) => n * hour),
    );
    expectRight(begin, hour);
  });

  test('that a foreign hand has spoilt are passed over for the rows', () => {
    put(samples(50, 5 * hour));
    finish(buildRollups(database, begin + 5 * hour));
    database.exec('update rollups set tally = \'{"toString":1}\'');
    database.exec(`delete from rollups where hour = ${begin / hour + 1}`);
    expect(() => expectRight(begin, hour)).not.toThrow();
  });

  test('of an hour with ten thousand models have a bound, and lose no request', () => {
    put(
      Array.from({ length: 2000 }, (_, n) =>
        pricedSample(n, { at: asEpoch(begin + n), model: `model-${n}` }),
      ),
    );
    finish(buildRollups(database, begin + hour));
    const { by } = gather({ since: begin, dimensions: ['model'], slotMs: null });
    expect(by.get('model')?.groups.size).toBe(500);
    expect(by.get('model')?.others?.requests).toBe(1500);
  });
});

test('an empty history has no figures', () => {
  const { all, slots } = gather({ since: 0, dimensions, slotMs: hour });
  expect([all.groups.size, all.others, slots.groups.size]).toEqual([0, null, 0]);
});
