import * as fc from 'fast-check';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../source/shared/clock.ts';
import {
  asDuration,
  asEpoch,
  outcomes,
  type AccountId,
  type EpochMs,
  type RequestId,
} from '../../source/shared/types.ts';
import { costKinds } from '../../source/shared/cost-kind.ts';
import type { PricedRequest } from '../../source/store/state.ts';
import { readHistory } from '../../source/history/queries.ts';
import { pricedSample } from '../store/samples.ts';

export const everything: EpochMs = asEpoch(0);

/** The time `now()` tells; tests move it. */
export const clockAt = (now: number): Clock & { time: number } => ({
  time: now,
  now() {
    return asEpoch(this.time);
  },
  monotonic: () => 0,
});

/** All rows of the file, oldest first. */
export const readAll = (file: string): PricedRequest[] => [
  ...readHistory({ file, since: everything, limit: null }),
];

export const idsIn = (file: string): string[] => readAll(file).map(({ id }) => id);

export const samples = (count: number, from = 1): PricedRequest[] =>
  Array.from({ length: count }, (_, index) => pricedSample(from + index));

/** A thread may be writing, or summing up, just now: without this, SQLite waits for nobody. */
const patienceMs = 15_000;

/** A foreign hand on the file. */
export const withDatabase = <Result>(file: string, use: (database: DatabaseSync) => Result): Result => {
  const database = new DatabaseSync(file, { timeout: patienceMs });
  try {
    return use(database);
  } finally {
    database.close();
  }
};

/** Opens the file with an exclusive lock; the returned function lets it go. */
export const lock = (file: string): (() => void) => {
  const database = new DatabaseSync(file, { timeout: patienceMs });
  database.exec('begin exclusive');
  return () => {
    database.exec('rollback');
    database.close();
  };
};

const text = fc.string({ unit: 'binary', maxLength: 20 });
const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> => fc.option(value);
const amount = fc.double({ min: 0, noNaN: true });
const ms = amount.map(asDuration);
const status = fc.integer({ min: 100, max: 599 });
const count = maybe(fc.oneof(fc.nat(), amount));

/** Any request that the worker can tell of, with every field at its edges. */
export const anyRequest: fc.Arbitrary<PricedRequest> = fc.record({
  id: fc.uuid().map((id) => id as RequestId),
  at: fc.integer({ min: 0, max: 4e12 }).map(asEpoch),
  method: text,
  path: text,
  client: text,
  clientAddress: text,
  agent: text,
  session: maybe(text),
  project: maybe(text),
  model: maybe(text),
  upstreamModel: maybe(text),
  account: maybe(text),
  accountId: maybe(text.map((id) => id as AccountId)),
  costKind: maybe(fc.constantFrom(...costKinds)),
  status: maybe(status),
  outcome: fc.constantFrom(...outcomes),
  stream: fc.boolean(),
  waitMs: ms,
  firstByteMs: maybe(ms),
  totalMs: ms,
  attempts: fc.array(
    fc.record({
      account: text,
      status: maybe(status),
      verdict: text,
      window: maybe(text),
      ms: fc.nat().map(asDuration),
    }),
    { maxLength: 3 },
  ),
  decision: maybe(
    fc.record(
      {
        strategy: text,
        affinity: maybe(fc.constantFrom('warm' as const, 'moved' as const, 'new' as const)),
        considered: fc.array(fc.record({ account: fc.string({ unit: 'binary' }), verdict: text }), {
          maxLength: 3,
        }),
        rewriteTokens: fc.nat(),
        rewriteCostUsd: maybe(fc.nat()),
      },
      { requiredKeys: ['strategy', 'affinity', 'considered'] },
    ),
  ),
  tokens: fc.record({
    input: count,
    output: count,
    cacheRead: count,
    cacheWrite5m: count,
    cacheWrite1h: count,
  }),
  costUsd: maybe(amount),
  cacheSavedUsd: maybe(amount),
  stopReason: maybe(text),
  upstreamRequestId: maybe(text),
  mayHaveRunTwice: fc.boolean(),
  error: maybe(text),
});
