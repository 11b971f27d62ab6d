import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { suggestName } from '../../../source/ui/overlays/suggest-name.ts';

it('suggests work, then home, then numbers', () => {
  expect(suggestName([])).toBe('work');
  expect(suggestName(['work'])).toBe('home');
  expect(suggestName(['work', 'home'])).toBe('account-3');
  expect(suggestName(['a', 'work', 'home', 'account-4'])).toBe('account-5');
});

it('never suggests a name that is taken', () => {
  const name = fc.oneof(
    fc.constantFrom('work', 'home'),
    fc.nat(12).map((n) => `account-${n}`),
  );
  fc.assert(
    fc.property(fc.array(name), (taken) => {
      expect(taken).not.toContain(suggestName(taken));
    }),
  );
});
