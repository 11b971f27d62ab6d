import { expect, test } from 'vitest';
import { accountKinds, asDuration, asEpoch, supportedKinds } from '../../source/shared/types.ts';

test('every kind that can serve is a kind', () => {
  for (const kind of supportedKinds) expect(accountKinds).toContain(kind);
});

test('a branded time is a plain number, so that it crosses threads and JSON', () => {
  expect(JSON.stringify([asEpoch(5), asDuration(6)])).toBe('[5,6]');
});
