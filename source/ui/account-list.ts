import type { AccountView, LimitWindow } from '../shared/types.ts';
import type { State } from '../store/state.ts';
import { sortItems, type Sort, type SortKey } from './sort-keys.ts';

const known = (account: AccountView, of: (window: LimitWindow) => number | null): number[] =>
  account.windows.map(of).filter((value) => value !== null);

const most = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.max(...values));
const least = (values: readonly number[]): number | null =>
  values.length === 0 ? null : Math.min(...values);

/** As the state has them: by priority, then by name. */
export const byPriority: Sort = { by: 'priority', reversed: false };

/** The orders of accounts, as the key goes through them. */
export const accountSorts: readonly SortKey<AccountView>[] = [
  {
    name: 'priority',
    of: ({ priority }) => priority,
    descending: false,
    words: ['by priority', 'last resort first'],
  },
  {
    name: 'reset',
    of: (account) => least(known(account, ({ resetsAt }) => resetsAt)),
    descending: false,
    words: ['soonest reset first', 'latest reset first'],
  },
  {
    name: 'used',
    // The window that is nearest to its end is the one that counts.
    of: (account) => most(known(account, ({ utilization }) => utilization)),
    descending: true,
    words: ['most used first', 'least used first'],
  },
  {
    name: 'requests',
    of: ({ requests }) => requests,
    descending: true,
    words: ['most requests first', 'fewest requests first'],
  },
  {
    name: 'name',
    of: ({ name }) => name.toLowerCase(),
    descending: false,
    words: ['by name', 'by name, from Z'],
  },
];

/** What stands first, in words; empty for the usual order. */
export const accountSortWords = ({ by, reversed }: Sort): string => {
  if (by === byPriority.by && !reversed) return '';
  return accountSorts.find(({ name }) => name === by)?.words[reversed ? 1 : 0] ?? '';
};

type Accounts = State['accounts'];

/** The newest order of each array of accounts: as long as they stay the same, what is reckoned of them does, too. */
const made = new WeakMap<Accounts, { sort: Sort; accounts: Accounts }>();

const inOrder = (accounts: Accounts, sort: Sort, key: SortKey<AccountView>): Accounts => {
  const before = made.get(accounts);
  if (before?.sort === sort) return before.accounts;
  const sorted = sortItems(accounts, key, sort.reversed);
  made.set(accounts, { sort, accounts: sorted });
  return sorted;
};

/** The state with its accounts in that order; the very state in the usual one. */
export const arranged = (sort: Sort, state: State): State => {
  const key = accountSorts.find(({ name }) => name === sort.by);
  if (key === undefined || (sort.by === byPriority.by && !sort.reversed)) return state;
  return { ...state, accounts: inOrder(state.accounts, sort, key) };
};
