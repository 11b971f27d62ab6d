import type { Pane } from '../shared/action.ts';
import type { AccountId, EpochMs } from '../shared/types.ts';
import type { State } from '../store/state.ts';
import { scrollTo, type Size } from './layout.ts';
import { requestWindow, selectRequest, shownRows, type RequestPlace } from './request-window.ts';
import type { Theme } from './theme.ts';

/** What the person looks at: everything on the screen that is not the state of the instance. */
export type View = {
  pane: Pane;
  help: boolean;
  /** The focused pane has the whole screen. */
  zoomed: boolean;
  /** The log has a pane of its own, where there is room for one. */
  logShown: boolean;
  /** The selected account, by id; `index` is where it stood, for when it goes away. null = the first one. */
  account: { id: AccountId; index: number } | null;
  accountTop: number;
  /** The selected request and the topmost visible one, by `seq`; null = the pane follows the newest. */
  request: RequestPlace | null;
  /** The requests as they were when the person froze the list, which new ones and evictions leave alone; null = live. */
  frozen: Pick<State, 'rows' | 'seen'> | null;
  /** The selected log line, by `seq`; null = the newest. */
  log: { selected: number; top: number } | null;
};

/** All that decides what is on the screen. */
export type FrameInput = {
  state: State;
  view: View;
  size: Size;
  /** Shown in place of the log line, or of the footer where there is none; null = nothing to say. */
  notice: string | null;
  theme: Theme;
  now: EpochMs;
};

export const firstView: View = {
  pane: 'accounts',
  help: false,
  zoomed: false,
  logShown: true,
  account: null,
  accountTop: 0,
  request: null,
  frozen: null,
  log: null,
};

/** Where the selected account stands now; 0 when nothing is selected, -1 when there is no account. */
export const accountIndex = (view: View, { accounts }: Pick<State, 'accounts'>): number => {
  if (accounts.length === 0) return -1;
  if (view.account === null) return 0;
  const { id, index } = view.account;
  const found = accounts.findIndex((account) => account.id === id);
  return found === -1 ? Math.min(index, accounts.length - 1) : found;
};

/** Lines that the two lists have now. */
type Heights = { accounts: number; requests: number };

const moveAccount = (view: View, state: State, height: number, by: 1 | -1): View => {
  const { accounts } = state;
  const index = Math.max(0, Math.min(accountIndex(view, state) + by, accounts.length - 1));
  const account = accounts[index];
  if (account === undefined) return view;
  const accountTop = scrollTo(index, view.accountTop, height, accounts.length);
  return { ...view, account: { id: account.id, index }, accountTop };
};

const moveRequest = (view: View, state: State, height: number, by: 1 | -1): View => {
  const { rows } = shownRows(view, state);
  const { selected, following } = requestWindow(view, rows, height);
  if (rows.length === 0 || (following && by === 1)) return view;
  return { ...view, request: selectRequest(view, rows, height, selected + by) };
};

const otherPane = (pane: Pane): Pane => (pane === 'accounts' ? 'requests' : 'accounts');

type Step = (view: View, state: State, heights: Heights) => View;

const move =
  (by: 1 | -1): Step =>
  (view, state, { accounts, requests }) =>
    view.pane === 'accounts'
      ? moveAccount(view, state, accounts, by)
      : moveRequest(view, state, requests, by);

const switchPane: Step = (view) => ({ ...view, pane: otherPane(view.pane) });

/** What each action of the table does to the view; the others act on the instance or on the program. */
const steps: Readonly<Record<string, Step>> = {
  'select.next': move(1),
  'select.previous': move(-1),
  'pane.next': switchPane,
  'pane.previous': switchPane,
  help: (view) => ({ ...view, help: !view.help }),
  back: (view) => ({ ...view, help: false }),
};

/** The view after an action; the same object when the action does nothing to it. */
export const stepView = (view: View, action: string, state: State, heights: Heights): View =>
  steps[action]?.(view, state, heights) ?? view;
