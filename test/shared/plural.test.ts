import { expect, test } from 'vitest';
import { plural } from '../../source/shared/plural.ts';

test('only one is singular', () => {
  expect([0, 1, 2].map((count) => plural(count, 'account'))).toEqual([
    '0 accounts',
    '1 account',
    '2 accounts',
  ]);
  expect([1, 3].map((count) => plural(count, 'retry', 'retries'))).toEqual(['1 retry', '3 retries']);
});
