import { expect, test } from 'vitest';
import { findAccount } from '../../source/credentials/find-account.ts';
import type { AccountId } from '../../source/shared/types.ts';

const work = { id: 'id-work' as AccountId, name: 'work' };

test('a name goes before an id, and a hostile name is shown safely', () => {
  const second = { id: 'id-second' as AccountId, name: 'id-work' };
  expect(findAccount([work], 'id-work')).toBe(work);
  expect(findAccount([work, second], 'id-work')).toBe(second);
  expect(() => findAccount([], '\u001b[2J')).toThrow('there is no account \\x1b[2J');
});

test('a name that is not there names the nearest one, or where to look', () => {
  expect(() => findAccount([work], 'wrok')).toThrow(
    expect.objectContaining({ code: 'unknown_account', hint: 'did you mean work?' }),
  );
  expect(() => findAccount([], 'work')).toThrow(
    expect.objectContaining({ code: 'unknown_account', hint: 'ccr-tui account list shows them' }),
  );
});
