import { expect, test } from 'vitest';
import { asEpoch, type AccountView } from '../../source/shared/types.ts';
import { createNotices, type Notice } from '../../source/store/notices.ts';
import { accountId, accountView } from './samples.ts';

const at = asEpoch(Date.parse('2026-11-22T12:00:00Z'));
const later = asEpoch(at + 3_600_000);

/** What is told while an account goes through these states. */
const told = (...states: Partial<AccountView>[]): (Notice | null)[] => {
  const { of } = createNotices();
  return states.map((fields) => of({ type: 'accountChanged', at, account: accountView('work', fields) }));
};

const ready = { state: 'ready' } as const;
const limited = { state: 'limited', reason: 'reached its 5h limit', availableAt: later } as const;
const events = (list: readonly (Notice | null)[]): (string | null)[] =>
  list.map((each) => each?.event ?? null);

test('a limit is told with its window and its reset, and once, until the account is back', () => {
  const all = told(ready, limited, { ...limited, inFlight: 1 }, ready, { state: 'serving' });
  expect(events(all)).toEqual([null, 'limit_reached', null, 'account_back', null]);
  expect(all[1]).toEqual({
    event: 'limit_reached',
    at,
    account: 'work',
    window: '5h',
    resetsAt: later,
    budget: null,
    text: 'work has reached its 5h limit until 2026-11-22T13:00:00.000Z',
  });
});

test('where an account starts from is no news, and neither is what its owner does', () => {
  expect(events(told(limited))).toEqual([null]);
  expect(events(told(limited, ready))).toEqual([null, 'account_back']);
  expect(events(told(ready, { state: 'paused', paused: true }, ready))).toEqual([null, null, null]);
  expect(events(told(limited, { state: 'paused', paused: true }, ready))).toEqual([null, null, null]);
});

test('a login that has ended is told, and that it is in order again', () => {
  const ended = { state: 'needs-login', reason: 'its login has ended' } as const;
  const all = told(ready, ended, ended, { state: 'refreshing' }, ready);
  expect(events(all)).toEqual([null, 'needs_login', null, null, 'account_back']);
  expect(all[1]?.text).toBe('work needs a new login: its login has ended');
});

test('back-off and renewals between do not make a limit news again', () => {
  expect(events(told(ready, limited, { state: 'benched' }, limited, { state: 'refreshing' }, ready))).toEqual(
    [null, 'limit_reached', null, null, null, 'account_back'],
  );
});

test('words from outside are safe in the text, and an account that has gone is forgotten', () => {
  const { of } = createNotices();
  const changed = (fields: Partial<AccountView>): Notice | null =>
    of({ type: 'accountChanged', at, account: accountView('work', fields) });
  changed(ready);
  const notice = changed({ state: 'needs-login', reason: 'ended\u001b[2J' });
  expect(notice?.text).toBe('work needs a new login: ended\\x1b[2J');
  of({ type: 'accountRemoved', at, account: accountId('work') });
  expect(changed(limited)).toBeNull();
});

test('a budget is told as it stands', () => {
  const { of } = createNotices();
  const reached = (share: number, hard: boolean) =>
    of({ type: 'budgetReached', at, budget: 'all 9usd/day', share, hard, resetsAt: later });
  expect(reached(0.8, true)).toMatchObject({
    event: 'budget',
    budget: 'all 9usd/day',
    resetsAt: later,
    text: '80 % of the budget all 9usd/day is spent',
  });
  expect(reached(1, false)?.text).toBe('the budget all 9usd/day is spent');
  expect(reached(1, true)?.text).toContain('refused until 2026-11-22T13:00:00.000Z');
});
