import { openDatabase } from '../../source/history/database.ts';
import { insertRow, toRow } from '../../source/history/schema.ts';
import { seededRandom } from '../../source/shared/seeded-random.ts';
import { asDuration, asEpoch } from '../../source/shared/types.ts';
import type { PricedRequest } from '../../source/store/state.ts';
import { pricedSample } from '../store/samples.ts';

const day = 86_400_000;
const random = seededRandom(8);
const models = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5', 'somebody-elses-model'];
const pick = <Item>(items: readonly Item[]): Item | null =>
  items[Math.floor(random() * items.length)] ?? null;

/** One of five accounts' requests, in one of some thirty conversations an hour. */
const rowAt = (n: number, at: number): PricedRequest => {
  const long = random();
  return pricedSample(n, {
    at: asEpoch(Math.floor(at)),
    account: `account-${Math.floor(random() * 5)}`,
    model: pick(models),
    session: `session-${Math.floor(at / 3_600_000)}-${Math.floor(random() * 30)}`,
    client: `key-${Math.floor(random() * 4)}`,
    outcome: random() < 0.02 ? 'error' : 'ok',
    firstByteMs: asDuration(200 + 4000 * long * long),
    totalMs: asDuration(900 + 60_000 * long ** 3),
  });
};

/** Makes a history of that many requests, spread over the thirty days before `now`. */
export const fillHistory = (file: string, count: number, now: number): void => {
  const database = openDatabase(file, 4 * 1024 ** 3);
  const insert = database.prepare(insertRow);
  for (let n = 0; n < count; n += 500) {
    database.exec('begin');
    for (let each = n; each < Math.min(count, n + 500); each += 1) {
      insert.run(...toRow(rowAt(each, now - 30 * day + (each * 30 * day) / count)));
    }
    database.exec('commit');
  }
  database.close();
};
