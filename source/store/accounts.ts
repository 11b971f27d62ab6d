import type { AccountView, LimitWindow } from '../shared/types.ts';
import type { Fold } from './draft.ts';
import { removeSurplus } from './rows.ts';

type AccountEvent = 'limitsSeen' | 'accountChanged' | 'accountRemoved' | 'nextChosen';

/** What the events of accounts do to the accounts and to the one that is next. */
export const accountFolds: { [Type in AccountEvent]: Fold<Type> } = {
  limitsSeen(draft, { account, windows }) {
    draft.accounts = draft.accounts.map((view) =>
      view.id === account ? { ...view, windows: mergedWindows(view.windows, windows) } : view,
    );
  },

  accountChanged(draft, { account }) {
    const others = draft.accounts.filter(({ id }) => id !== account.id);
    draft.accounts = [...others, account].sort(byPriorityThenName);
    removeSurplus(draft, account);
  },

  accountRemoved(draft, { account }) {
    draft.accounts = draft.accounts.filter(({ id }) => id !== account);
    if (draft.next === account) draft.next = null;
  },

  nextChosen(draft, { account }) {
    draft.next = account;
  },
};

const mergedWindows = (known: readonly LimitWindow[], seen: readonly LimitWindow[]): LimitWindow[] => {
  const isSame = (a: LimitWindow, b: LimitWindow): boolean => a.id === b.id && a.scope === b.scope;
  const updated = known.map((old) => seen.findLast((window) => isSame(window, old)) ?? old);
  const added = seen.filter((window) => !known.some((old) => isSame(window, old)));
  return [...updated, ...added];
};

/** The order in which accounts stand everywhere. */
export const byPriorityThenName = (a: AccountView, b: AccountView): number =>
  a.priority - b.priority || Number(a.name > b.name) - Number(a.name < b.name);
