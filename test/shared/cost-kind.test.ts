import { expect, test } from 'vitest';
import { costKindOf } from '../../source/shared/cost-kind.ts';
import { accountKinds, isLoginKind, keyedKinds } from '../../source/shared/types.ts';

test('what is paid by the token is a cost, what a plan gives has a list value', () => {
  for (const kind of keyedKinds) expect(costKindOf(kind)).toBe('cost');
  for (const kind of accountKinds.filter(isLoginKind)) expect(costKindOf(kind)).toBe('list value');
});

test('without an account it is neither', () => {
  expect(costKindOf(null)).toBeNull();
});
