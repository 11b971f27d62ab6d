import { expect, test } from 'vitest';
import { isoTime } from '../../source/shared/iso-time.ts';
import { asEpoch } from '../../source/shared/types.ts';

test('a time is ISO 8601 in UTC with milliseconds, and no time is null', () => {
  expect(isoTime(asEpoch(0))).toBe('1970-01-01T00:00:00.000Z');
  expect(isoTime(null)).toBeNull();
});
