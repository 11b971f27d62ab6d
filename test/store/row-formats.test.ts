import { expect, test } from 'vitest';
import { csvHead } from '../../source/store/history-csv.ts';
import { rowFormats } from '../../source/store/row-formats.ts';
import { historyRow } from '../../source/store/history-row.ts';
import { samples } from '../history/rows.ts';

const printed = (name: string, ...batches: number[]): string => {
  const format = rowFormats[name]!('1.2.3');
  let from = 1;
  const texts = batches.map((count) => {
    from += count;
    return format.rows(samples(count, from - count));
  });
  return [...texts, format.end()].join('');
};

test('json is a line for each row, whatever came together', () => {
  const lines = printed('json', 2, 1).trimEnd().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual(samples(3).map(historyRow));
  expect(printed('json')).toBe('');
});

test('csv has its titles once, also over no row at all', () => {
  const text = printed('csv', 2, 1);
  expect(text.split('\r\n')).toHaveLength(5);
  expect(text.split('stopReason')).toHaveLength(2);
  expect(printed('csv')).toBe(csvHead);
});

test('har is one document, also with no entry at all', () => {
  const { log } = JSON.parse(printed('har', 2, 1, 1)) as { log: { entries: { _ccr: { id: string } }[] } };
  expect(log.entries.map(({ _ccr }) => _ccr.id)).toEqual(samples(4).map(({ id }) => id));
  expect(JSON.parse(printed('har'))).toMatchObject({ log: { entries: [] } });
});
