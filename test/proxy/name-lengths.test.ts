import { expect, test } from 'vitest';
import { nameLengths } from '../../source/proxy/name-lengths.ts';

test('every length of a name is there, and no other', () => {
  expect(
    [...nameLengths(new Set(['error', 'model', 'usage', 'message_stop']))].toSorted((a, b) => a - b),
  ).toEqual([5, 12]);
  expect(nameLengths(new Set()).size).toBe(0);
});

test('a set is looked through once', () => {
  const names = new Set(['model']);
  expect(nameLengths(names)).toBe(nameLengths(names));
});
