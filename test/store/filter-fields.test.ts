import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { everyText, kinds, numberFields, textFields } from '../../source/store/filter-fields.ts';
import { pricedSample } from './samples.ts';

test('no two kinds of field share a name, and none is called is', () => {
  const names = [...Object.keys(textFields), ...Object.keys(numberFields), 'is'];
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(names.map((name) => name.toLowerCase()));
  expect(Object.keys(kinds)).toEqual(Object.keys(kinds).map((name) => name.toLowerCase()));
});

test('bare text is looked for in every text of a request, its status, and the accounts that failed before', () => {
  const sample = pricedSample(1, { error: 'slow down' });
  const texts = everyText(sample);
  for (const text of [
    'work',
    'home',
    'limited',
    '5h',
    '200',
    'website',
    'slow down',
    'req_1',
    '/v1/messages',
  ]) {
    expect(texts).toContain(text);
  }
});

test('every field and every kind is explained in COMMANDS.md, and nothing else is', () => {
  const text = readFileSync(new URL('../../COMMANDS.md', import.meta.url), 'utf8');
  const [, section = ''] = text.split('## The filter language of `history`');
  const rows = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| `'));
  const words = (cell = ''): string[] => [...cell.matchAll(/`([a-z]+)`/g)].map(([, word = '']) => word);
  const cells = rows.map((row) => row.split(' | '));
  const fields = [...Object.keys(textFields), ...Object.keys(numberFields), 'is'];
  expect(cells.flatMap(([first]) => words(first)).sort()).toEqual(fields.sort());
  expect(words(cells.at(-1)?.[2]).sort()).toEqual(Object.keys(kinds).sort());
});
