import type { ProxyEvent } from '../shared/events.ts';
import type { NoticeName } from '../shared/notice.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { AccountId, AccountView, EpochMs } from '../shared/types.ts';
import { serves } from './selectors.ts';

/** Something that a person wants to hear of who does not look at the screen. Plain data without a secret. */
export type Notice = {
  event: NoticeName;
  at: EpochMs;
  /** Its name; null when it is about none. */
  account: string | null;
  /** The limit window that is spent, and when it begins anew; null when that is not known. */
  window: string | null;
  resetsAt: EpochMs | null;
  /** As the setting has it; null when it is about none. */
  budget: string | null;
  /** The same in words, safe to show. */
  text: string;
};

const spentWindow = /^reached its (.+) limit$/;

const nothing = { account: null, window: null, resetsAt: null, budget: null };

const until = (at: EpochMs | null): string => (at === null ? '' : ` until ${new Date(at).toISOString()}`);

/** What became of an account since it was last told of; null when that is nothing to speak of. */
const ofAccount = (before: AccountView, after: AccountView, at: EpochMs): Notice | null => {
  const name = sanitize(after.name, 80);
  const { state, reason, availableAt } = after;
  const about = { ...nothing, at, account: after.name };
  if (state === 'needs-login' && before.state !== state) {
    return {
      ...about,
      event: 'needs_login',
      text: `${name} needs a new login: ${sanitize(reason ?? '', 200)}`,
    };
  }
  if (state === 'limited' && before.state !== state) {
    const window = spentWindow.exec(reason ?? '')?.[1] ?? null;
    const what = window === null ? 'its limit' : `its ${sanitize(window, 40)} limit`;
    const text = `${name} has reached ${what}${until(availableAt)}`;
    return { ...about, event: 'limit_reached', window, resetsAt: availableAt, text };
  }
  if (serves(state) && (before.state === 'limited' || before.state === 'needs-login')) {
    return { ...about, event: 'account_back', text: `${name} can serve again` };
  }
  return null;
};

/** Turns events into notices. Remembers the accounts, of which the first event tells where they start from. */
export const createNotices = (): { of(event: ProxyEvent): Notice | null } => {
  const accounts = new Map<AccountId, AccountView>();
  return {
    of(event) {
      if (event.type === 'accountRemoved') accounts.delete(event.account);
      if (event.type === 'accountChanged') {
        const { account, at } = event;
        const before = accounts.get(account.id);
        // In passing: whether its limit has ended, or its login is in order, shows when that is over.
        if (before !== undefined && passing.has(account.state)) return null;
        accounts.set(account.id, account);
        return before === undefined || account.paused ? null : ofAccount(before, account, at);
      }
      if (event.type !== 'budgetReached') return null;
      const { at, budget, share, hard, resetsAt } = event;
      const what =
        share < 1
          ? `${Math.round(share * 100)} % of the budget ${budget} is spent`
          : `the budget ${budget} is spent`;
      const then = share >= 1 && hard ? `; what it is about is refused${until(resetsAt)}` : '';
      return { ...nothing, event: 'budget', at, budget, resetsAt, text: sanitize(`${what}${then}`, 300) };
    },
  };
};

const passing: ReadonlySet<AccountView['state']> = new Set(['refreshing', 'pacing', 'benched', 'error']);
