import { expect, test } from 'vitest';
import { isRecord } from '../../source/shared/is-record.ts';

test('an object with names is a record; a list, null and all else are none', () => {
  expect([{}, { a: 1 }, JSON.parse('{"__proto__":1}') as unknown].map(isRecord)).toEqual([true, true, true]);
  expect([[], null, undefined, 1, 'x', true].filter(isRecord)).toEqual([]);
});
