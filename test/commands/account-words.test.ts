import { expect, test } from 'vitest';
import { accountOptions } from '../../source/commands/account-options.ts';
import { capsText, concurrentText, modelsText, overageText } from '../../source/commands/account-words.ts';

test('caps and models are written as the options take them', () => {
  for (const [cap, models] of [
    ['5h=80,7d=29', 'claude-*,x'],
    ['5h=0.5,7d=12.345', 'x'],
    ['none', 'all'],
  ] as const) {
    const change = accountOptions({ cap, models });
    expect(capsText(change.caps ?? undefined)).toBe(cap);
    expect(modelsText(models === 'all' ? undefined : (change.models ?? []))).toBe(models);
  }
  for (const overage of ['forbid', 'allow', '50', '12.5']) {
    expect(overageText(accountOptions({ overage }).overage ?? undefined)).toBe(overage);
  }
  for (const concurrent of ['4', 'none']) {
    expect(concurrentText(accountOptions({ concurrent }).concurrent || undefined)).toBe(concurrent);
  }
  expect(overageText(undefined)).toBe('allow');
  expect([capsText(undefined), capsText({})]).toEqual(['none', 'none']);
});
