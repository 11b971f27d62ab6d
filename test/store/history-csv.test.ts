import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvHead, csvLine } from '../../source/store/history-csv.ts';
import { sanitize } from '../../source/shared/sanitize.ts';
import { historyRow } from '../../source/store/history-row.ts';
import { anyRequest } from '../history/rows.ts';
import { hostileCharacter } from '../kit/hostile-text.ts';
import { numRuns } from '../kit/long-run.ts';
import { pricedSample } from '../store/samples.ts';

/** Records of RFC 4180, by its grammar; throws on whatever is none. */
const parseCsv = (text: string): string[][] => {
  const records: string[][] = [];
  let record: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  for (let at = 0; at < text.length; at = field.lastIndex) {
    field.lastIndex = at;
    const match = field.exec(text);
    if (match === null) throw new Error(`no CSV at ${at}: ${text.slice(at, at + 40)}`);
    record.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    records.push(record);
    record = [];
  }
  return records;
};

const [head = []] = parseCsv(csvHead);
const cellsOf = (request: Parameters<typeof historyRow>[0]): Record<string, string> => {
  const [cells = []] = parseCsv(csvLine(historyRow(request)));
  return Object.fromEntries(head.map((name, index) => [name, cells[index] ?? 'missing']));
};

/** The keys of the JSON row; those of inner objects behind a dot. */
const flat = (value: object, prefix = ''): [string, unknown][] =>
  Object.entries(value).flatMap(([key, inner]: [string, unknown]): [string, unknown][] =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? flat(inner, `${prefix}${key}.`)
      : [[prefix + key, inner]],
  );

test('the titles are the keys of the JSON row in their order, those of inner objects behind a dot', () => {
  expect(head).toEqual(flat(historyRow(pricedSample(1))).map(([key]) => key));
  expect(head).toContain('tokens.cacheWrite1h');
});

test('each cell is the value of its key: a list is its length, what is unknown is empty', () => {
  const cells = cellsOf(pricedSample(1, { error: null, costUsd: null }));
  expect(cells).toMatchObject({
    at: '2026-11-18T11:06:40.001Z',
    account: 'work',
    status: '200',
    stream: 'true',
    totalMs: '6200.25',
    attempts: '2',
    'decision.strategy': 'sticky',
    'decision.considered': '2',
    'tokens.input': '1200',
    'tokens.cacheWrite5m': '0',
    costUsd: '',
    error: '',
  });
  expect(cellsOf(pricedSample(1, { decision: null }))).toMatchObject({
    'decision.strategy': '',
    'decision.considered': '',
  });
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=HYPERLINK("http://x","y")'])(
  'a spreadsheet takes %j for text',
  (text) => {
    expect(cellsOf(pricedSample(1, { session: text }))['session']).toBe(
      sanitize(`'${text}`, Number.POSITIVE_INFINITY),
    );
  },
);

test('any row is one record with a cell for each title, on one line that no terminal acts on', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      const line = csvLine(historyRow(request));
      expect(line.slice(0, -2)).not.toMatch(hostileCharacter);
      const records = parseCsv(line);
      expect(records.map((record) => record.length)).toEqual([head.length]);
      expect(records[0]?.filter((text) => /^[=+\-@\t\r]/.test(text))).toEqual([]);
      const { error } = request;
      const shown =
        error === null ? '' : sanitize(/^[=+\-@\t\r]/.test(error) ? `'${error}` : error, Infinity);
      expect(records[0]?.[head.indexOf('error')]).toBe(shown);
    }),
    { numRuns },
  );
});
