import { expect, test } from 'vitest';
import { unlimited } from '../../source/shared/client-key.ts';
import { keyLimitsText } from '../../source/shared/key-limits-text.ts';
import { asEpoch } from '../../source/shared/types.ts';

test('limits of a client key are said in short words, and a key without any says nothing', () => {
  const now = asEpoch(1_800_000_000_000);
  expect(keyLimitsText(unlimited, now)).toBe('');
  const limits = { ...unlimited, requestsPerMinute: 60, dailyUsd: 0.5, models: ['a', 'b-*'], holdMs: 30_000 };
  expect(keyLimitsText(limits, now)).toBe('60/min  0.5 USD/day  models a,b-*  held 30.0s');
  expect(keyLimitsText({ ...unlimited, expiresAt: now }, now)).toMatch(/^until \d/);
});
