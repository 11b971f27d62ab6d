import type { AccountView, LimitWindow } from '../shared/types.ts';
import type { Fold } from './draft.ts';
import { removeSurplus } from './rows.ts';
import { steadyAccount, steadyWindows } from './steady-reset.ts';
import { forgotten, windowsSeen } from './trends.ts';

type AccountEvent = 'limitsSeen' | 'accountChanged' | 'accountRemoved' | 'nextChosen';

/** What the events of accounts do to the accounts and to the one that is next. */
export const accountFolds: { [Type in AccountEvent]: Fold<Type> } = {
  limitsSeen(draft, { account, windows }) {
    // Answers to what is still in flight come after the account is gone.
    if (!draft.accounts.some(({ id }) => id === account)) return;
    draft.accounts = draft.accounts.map((view) =>
      view.id === account
        ? { ...view, windows: mergedWindows(view.windows, steadyWindows(view.windows, windows)) }
        : view,
    );
    draft.use = windowsSeen(draft.use, account, windows);
  },

  accountChanged(draft, { account: told, at }) {
    const others = draft.accounts.filter(({ id }) => id !== told.id);
    const known = draft.accounts.find(({ id }) => id === told.id);
    const account = steadyAccount(known, told, at);
    draft.accounts = [...others, account].sort(byPriorityThenName);
    // It also has what was asked of the usage endpoint.
    draft.use = windowsSeen(draft.use, account.id, account.windows);
    removeSurplus(draft, account);
  },

  accountRemoved(draft, { account }) {
    draft.accounts = draft.accounts.filter(({ id }) => id !== account);
    draft.use = forgotten(draft.use, account);
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
