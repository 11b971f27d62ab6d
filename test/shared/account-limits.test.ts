import { expect, test } from 'vitest';
import { restrictionText } from '../../source/shared/account-limits.ts';

test.each([
  [{}, ''],
  [{ caps: {} }, ''],
  [{ caps: { '5h': 0.29, '7d': 1 } }, 'cap 5h 29%; cap 7d 100%'],
  [{ caps: { '5h': 0.005, '7d': 0.575 } }, 'cap 5h 0.5%; cap 7d 57.5%'],
  [{ caps: { '5h': 0.8 }, models: ['claude-haiku-*', 'x'] }, 'cap 5h 80%; claude-haiku-*, x only'],
  [{ overage: 'forbid' as const }, 'no paid overage'],
  [{ overage: 0.5, caps: { '5h': 0.8 } }, 'overage up to 50%; cap 5h 80%'],
  [{ concurrent: 4, caps: { '5h': 0.8 }, models: ['x'] }, 'cap 5h 80%; 4 at once; x only'],
  [{ overage: 'allow' as const, onOverage: true as const }, 'serves from paid overage'],
])('%j is told as %j', (account, text) => expect(restrictionText(account)).toBe(text));
