import { describe, expect, it } from 'vitest';
import type { AccountView } from '../../source/shared/types.ts';
import { accountSorts, accountSortWords, arranged, byPriority } from '../../source/ui/account-list.ts';
import { firstView, selectedAccount, stepView, type View } from '../../source/ui/view.ts';
import { accountOf, busyState, emptyState, windowOf } from './sample.ts';

const names = (accounts: readonly AccountView[]): string[] => accounts.map(({ name }) => name);
const order = (by: string, reversed = false, state = busyState): string[] =>
  names(arranged({ by, reversed }, state).accounts);

describe('arranged', () => {
  it('is the very state in the usual order, and made once for another one', () => {
    expect(arranged(byPriority, busyState)).toBe(busyState);
    const sort = { by: 'used', reversed: false };
    const { accounts } = arranged(sort, busyState);
    expect(arranged(sort, { ...busyState, rows: [] }).accounts).toBe(accounts);
    expect(arranged(sort, busyState)).toEqual({ ...busyState, accounts: expect.any(Array) });
  });

  it('puts first what resets soonest, or is nearest to its end; what is unknown stays last', () => {
    expect(order('reset')).toEqual(['team-a', 'work', 'home', 'spare']);
    expect(order('reset', true)).toEqual(['home', 'work', 'team-a', 'spare']);
    expect(order('used')).toEqual(['team-a', 'work', 'home', 'spare']);
    expect(order('used', true)).toEqual(['home', 'work', 'team-a', 'spare']);
    expect(order('requests')).toEqual(['team-a', 'work', 'home', 'spare']);
    expect(order('name')).toEqual(['home', 'spare', 'team-a', 'work']);
    const unknown = accountOf('new', { windows: [windowOf('5h', null, null)] });
    const more = { ...busyState, accounts: [unknown, ...busyState.accounts] };
    expect(order('used', false, more).slice(-2)).toEqual(['new', 'spare']);
  });

  it('has the last resort first when the usual order is reversed, and the same when it is asked again', () => {
    const accounts = [accountOf('a', { priority: 1 }), accountOf('b'), accountOf('c')];
    const sort = { by: 'priority', reversed: true };
    const once = arranged(sort, { ...emptyState, accounts });
    expect(names(once.accounts)).toEqual(['b', 'c', 'a']);
    expect(names(arranged(sort, once).accounts)).toEqual(['b', 'c', 'a']);
  });
});

describe('the selected account', () => {
  const place = { accounts: 2, requests: 4 };
  const press = (view: View, ...actions: string[]): View =>
    actions.reduce((now, action) => stepView(now, action, busyState, place), view);

  it('is the one under the mark, whatever the order, and stays selected in another one', () => {
    const sorted = press(firstView, 'list.sort', 'list.sort');
    expect(sorted.accountSort.by).toBe('used');
    expect(selectedAccount(sorted, busyState)?.name).toBe('team-a');
    const moved = press(sorted, 'select.next', 'select.next');
    expect(selectedAccount(moved, busyState)?.name).toBe('home');
    expect(selectedAccount(press(moved, 'list.reverse'), busyState)?.name).toBe('home');
    expect(selectedAccount(firstView, emptyState)).toBeNull();
  });

  it('goes round all orders; the log has but one', () => {
    const all = Array.from(accountSorts, () => 'list.sort');
    expect(press(firstView, ...all).accountSort).toEqual(byPriority);
    const log: View = { ...firstView, pane: 'log' };
    expect(press(log, 'list.sort', 'list.reverse')).toBe(log);
  });
});

describe('accountSortWords', () => {
  it('says what stands first, and nothing of the usual order', () => {
    expect(accountSortWords(byPriority)).toBe('');
    expect(accountSortWords({ by: 'priority', reversed: true })).toBe('last resort first');
    expect(accountSortWords({ by: 'reset', reversed: false })).toBe('soonest reset first');
    expect(accountSortWords({ by: 'gone', reversed: false })).toBe('');
  });
});
