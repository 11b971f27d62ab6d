import * as fc from 'fast-check';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { migrations } from '../../source/history/migrations.ts';
import { columnList, fromRow, insertRow, toRow } from '../../source/history/schema.ts';
import { historyRow } from '../../source/store/history-row.ts';
import { pricedSample } from '../store/samples.ts';
import { anyRequest } from './rows.ts';

const newDatabase = (): DatabaseSync => {
  const database = new DatabaseSync(':memory:');
  for (const step of migrations) database.exec(step);
  return database;
};

const throughDatabase = (database: DatabaseSync, request: Parameters<typeof toRow>[0]) => {
  database.exec('delete from requests');
  database.prepare(insertRow).run(...toRow(request));
  return fromRow(database.prepare(`select ${columnList} from requests`).get() ?? {});
};

test('the row that is read is the row that was written', () => {
  const database = newDatabase();
  fc.assert(
    fc.property(anyRequest, (request) => {
      expect(throughDatabase(database, request)).toEqual(request);
    }),
    { numRuns: 500 },
  );
});

test('no text is too strange to come back whole', () => {
  const database = newDatabase();
  const strange = fc.string({
    unit: fc.constantFrom('a', '\0', '\ud800', '\udc00', '"', '\u{1f600}', '\ufffd'),
  });
  fc.assert(
    fc.property(strange, strange, (session, error) => {
      const request = pricedSample(1, { session, error });
      expect(throughDatabase(database, request)).toEqual(request);
    }),
  );
});

test('what can be asked for stands in a column of its own, in the words of the public row', () => {
  const columns = columnList.split(', ');
  const words = (key: string): string => key.replace(/[A-Z0-9]+/g, (part) => `_${part.toLowerCase()}`);
  const { tokens: _, ...row } = historyRow(pricedSample(1));
  for (const key of Object.keys(row)) expect(columns).toContain(words(key));
  expect(columns).toContain('cache_write_1h_tokens');
});

test('the same request twice is one row, as it was first written', () => {
  const database = newDatabase();
  const insert = database.prepare(insertRow);
  insert.run(...toRow(pricedSample(1)));
  insert.run(...toRow(pricedSample(1, { status: 500 })));
  expect(database.prepare('select status from requests').all()).toEqual([{ status: 200 }]);
});

test('whatever a foreign hand wrote into a row, it is read as a request that can be shown', () => {
  const values = fc.oneof(
    fc.constant(null),
    fc.string(),
    fc.double(),
    fc.bigInt(),
    fc.uint8Array(),
    fc.json(),
    fc.constantFrom('[null]', '{"considered":[null]}'),
  );
  const columns = columnList.split(', ');
  fc.assert(
    fc.property(fc.array(values, { minLength: columns.length, maxLength: columns.length }), (row) => {
      const request = fromRow(Object.fromEntries(columns.map((column, index) => [column, row[index]])));
      expect(() => historyRow(request)).not.toThrow();
    }),
  );
});
