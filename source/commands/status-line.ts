import type { BudgetView } from '../shared/budget.ts';
import type { InstanceStatus } from '../shared/commands.ts';
import { cutWidth } from '../shared/display-width.ts';
import { countdown, parseAge } from '../shared/duration.ts';
import { isBucket, isExtra } from '../shared/limit-window.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { AccountView, EpochMs, LimitWindow } from '../shared/types.ts';
import { wholePercent } from '../shared/whole-percent.ts';
import { poolText } from '../store/outlook-words.ts';
import { serves } from '../store/selectors.ts';
import { isStale } from './account-json.ts';

/** So many windows of an account: the one of some hours and the weekly one. */
const mostWindows = 2;
/** From this share on a budget is worth its place. */
const nearlySpent = 0.8;

/** Text from outside in few columns. tmux would read more into a `#`. */
const brief = (text: string, columns: number): string =>
  cutWidth(sanitize(text, 100).replaceAll('#', ''), columns);

const rank = ({ id }: LimitWindow): number => (id === '5h' ? 0 : id === '7d' ? 1 : 2);

/** What the plan of an account leaves; limits per minute and of single models are none of that. */
const planWindows = ({ windows }: AccountView): LimitWindow[] =>
  windows
    .filter((window) => window.scope === null && window.utilization !== null)
    .filter((window) => !isBucket(window) && !isExtra(window))
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, mostWindows);

const windowText = (window: LimitWindow, now: EpochMs): string => {
  const { id, resetsAt, utilization } = window;
  const share = `${wholePercent(utilization ?? 0)}%${isStale(window, now) ? '?' : ''}`;
  const reset = resetsAt === null ? '' : ` ${countdown(resetsAt, now, { windowMs: parseAge(id) })}`;
  return `${brief(id, 10)} ${share}${reset}`;
};

/** The account that serves now, or served last of those that can. */
const current = (accounts: readonly AccountView[]): AccountView | null =>
  accounts
    .filter(({ state }) => serves(state))
    .toSorted(
      (a, b) => Number(b.inFlight > 0) - Number(a.inFlight > 0) || (b.lastUsedAt ?? 0) - (a.lastUsedAt ?? 0),
    )[0] ?? null;

const accountText = (accounts: readonly AccountView[], now: EpochMs): string => {
  const account = current(accounts);
  if (account !== null) {
    const windows = planWindows(account).map((window) => windowText(window, now));
    return [brief(account.name, 20), ...windows].join(' ');
  }
  const times = accounts.flatMap(({ paused, availableAt }) => (paused ? [] : (availableAt ?? [])));
  if (times.length > 0) return `back in ${countdown(Math.min(...times) as EpochMs, now)}`;
  const [first] = accounts;
  return first !== undefined && accounts.every(({ state }) => state === first.state)
    ? `all ${first.state}`
    : '';
};

const budgetText = (budgets: readonly BudgetView[]): string => {
  const shares = budgets.flatMap(({ spent, limit }) =>
    spent === null ? [] : spent / Math.max(limit.most, Number.EPSILON),
  );
  const worst = Math.max(0, ...shares);
  if (worst >= 1) return 'budget spent';
  return worst >= nearlySpent ? `budget ${wholePercent(worst)}%` : '';
};

/**
 * The running instance in one line for a status bar: how many accounts can serve, the one that does with its windows (or
 * when one is back), and what is about to end. Without colours, and without anything that tmux would take for a format.
 */
export const statusLine = ({ accounts, budgets, pool }: InstanceStatus, now: EpochMs): string => {
  if (accounts.length === 0) return 'ccr-tui: no account yet';
  const ready = accounts.filter(({ state }) => serves(state)).length;
  const dry = ready > 0 && (pool?.dryAt ?? null) !== null ? poolText(pool ?? null, now) : '';
  const parts = [
    `${ready}/${accounts.length} ready`,
    accountText(accounts, now),
    dry,
    budgetText(budgets ?? []),
  ];
  return `ccr-tui ${parts.filter((part) => part !== '').join(' | ')}`;
};
