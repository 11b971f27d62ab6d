import type { ProxyEvent } from '../shared/events.ts';
import type { AccountId, AccountView, EpochMs } from '../shared/types.ts';
import type { Notice } from './notices.ts';
import { serves } from './selectors.ts';
import { nobodySentence } from './sentences.ts';

/** When the first of them is back, as far as that is known. */
const firstBack = (accounts: readonly AccountView[]): EpochMs | null => {
  const times = accounts.flatMap(({ paused, availableAt }) => (paused ? [] : (availableAt ?? [])));
  return times.length === 0 ? null : (Math.min(...times) as EpochMs);
};

const noticeOf = (accounts: readonly AccountView[], at: EpochMs): Notice => {
  const resetsAt = firstBack(accounts);
  const until = resetsAt === null ? '' : ` until ${new Date(resetsAt).toISOString()}`;
  const text = `no account can serve${until}`;
  return { event: 'pool_dry', at, account: null, window: null, resetsAt, budget: null, text };
};

/**
 * Tells when no account can serve any more, once until one can. Not what its owner did by pausing them all, not what is
 * over in a moment, and not where it starts from: one of them must have been able to before.
 */
export const createPoolWatch = (): { of(event: ProxyEvent): Notice | null } => {
  const accounts = new Map<AccountId, AccountView>();
  let hadOne = false;
  const remember = (account: AccountView): void => {
    // A login that is renewed served until then, and will in a moment.
    if (account.state === 'refreshing' && accounts.has(account.id)) return;
    accounts.set(account.id, account);
  };
  return {
    of(event) {
      if (event.type === 'accountRemoved') accounts.delete(event.account);
      else if (event.type === 'accountChanged') remember(event.account);
      else return null;
      const all = [...accounts.values()];
      if (all.some(({ state }) => serves(state))) hadOne = true;
      if (!hadOne || all.every(({ paused }) => paused) || nobodySentence(all, event.at) === null) return null;
      hadOne = false;
      return noticeOf(all, event.at);
    },
  };
};
