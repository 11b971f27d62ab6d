import { expect, test } from 'vitest';
import { ageOption } from '../../source/commands/age-option.ts';

test('a length of time is null when it was not given, and may be nothing', () => {
  expect(ageOption({}, 'grace')).toBeNull();
  expect([ageOption({ grace: '10m' }, 'grace'), ageOption({ grace: '0s' }, 'grace')]).toEqual([600_000, 0]);
  expect(() => ageOption({ grace: 'soon' }, 'grace')).toThrow('--grace: wanted a length of time, got soon');
});
