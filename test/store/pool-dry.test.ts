import { expect, test } from 'vitest';
import { asEpoch, type AccountView } from '../../source/shared/types.ts';
import { createPoolWatch } from '../../source/store/pool-dry.ts';
import type { Notice } from '../../source/store/notices.ts';
import { accountId, accountView } from './samples.ts';

const at = asEpoch(Date.parse('2026-11-22T12:00:00Z'));
const inHours = (hours: number) => asEpoch(at + hours * 3_600_000);
const limited = (hours: number) => ({ state: 'limited', availableAt: inHours(hours) }) as const;
const paused = { state: 'paused', paused: true } as const;

/** What is told while accounts change one after the other. */
const told = (...changes: [name: string, fields: Partial<AccountView>][]): (Notice | null)[] => {
  const { of } = createPoolWatch();
  return changes.map(([name, fields]) =>
    of({ type: 'accountChanged', at, account: accountView(name, { state: 'ready', ...fields }) }),
  );
};
const when = (...changes: Parameters<typeof told>): number[] =>
  told(...changes).flatMap((notice, index) => (notice === null ? [] : [index]));

test('that nobody can serve is told once, with the first reset, until somebody can', () => {
  const all = told(['a', {}], ['b', {}], ['a', limited(2)], ['b', limited(1)], ['a', limited(3)]);
  expect(all.map((notice) => notice !== null)).toEqual([false, false, false, true, false]);
  expect(all[3]).toEqual({
    event: 'pool_dry',
    at,
    account: null,
    window: null,
    resetsAt: inHours(1),
    budget: null,
    text: 'no account can serve until 2026-11-22T13:00:00.000Z',
  });
  expect(when(['a', {}], ['a', limited(1)], ['a', {}], ['a', limited(1)])).toEqual([1, 3]);
  expect(told(['a', {}], ['a', { state: 'error' }])[1]?.text).toBe('no account can serve');
});

test('where it starts from, and what its owner does, is no news', () => {
  expect(when(['a', limited(1)], ['b', limited(1)], ['a', limited(2)])).toEqual([]);
  expect(when(['a', {}], ['b', {}], ['a', paused], ['b', paused])).toEqual([]);
  expect(when(['a', {}], ['b', paused], ['a', limited(1)])).toEqual([2]);
});

test('what is over in a moment is no news', () => {
  const soon = { state: 'pacing', availableAt: asEpoch(at + 2000) } as const;
  expect(when(['a', {}], ['a', soon], ['a', { state: 'refreshing' }], ['a', {}])).toEqual([]);
  expect(when(['a', {}], ['b', limited(1)], ['a', { state: 'refreshing' }], ['a', {}])).toEqual([]);
});

test('an account that is removed can be the last one that could serve', () => {
  const { of } = createPoolWatch();
  of({ type: 'accountChanged', at, account: accountView('a', { state: 'ready' }) });
  of({ type: 'accountChanged', at, account: accountView('b', limited(1)) });
  expect(of({ type: 'accountRemoved', at, account: accountId('a') })?.event).toBe('pool_dry');
  expect(of({ type: 'accountRemoved', at, account: accountId('b') })).toBeNull();
});
