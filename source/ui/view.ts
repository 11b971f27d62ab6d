import type { Pane } from '../shared/action.ts';
import type { AccountId, EpochMs } from '../shared/types.ts';
import type { LogLine, State } from '../store/state.ts';
import { scrollTo, type Layout, type Size } from './layout.ts';
import { logWindow, selectLog, type LogPlace } from './log-window.ts';
import { requestWindow, selectRequest, shownRows, type RequestPlace, type Rows } from './request-window.ts';
import type { Theme } from './theme.ts';

/** What the person looks at: everything on the screen that is not the state of the instance. */
export type View = {
  pane: Pane;
  help: boolean;
  /** The topmost visible line of the help, where not all fit. */
  helpTop: number;
  /** The focused pane has the whole screen. */
  zoomed: boolean;
  /** The log has a pane of its own, where there is room for one. */
  logShown: boolean;
  /** The selected account, by id; `index` is where it stood, for when it goes away. null = the first one. */
  account: { id: AccountId; index: number } | null;
  accountTop: number;
  /** The selected request and the topmost visible one, by `seq`; null = the pane follows the newest. */
  request: RequestPlace | null;
  /**
   * The requests as they were when the person froze the list, which new ones and evictions leave alone; `at` is when,
   * so that no time in it goes on. null = live.
   */
  frozen: (Rows & { at?: EpochMs }) | null;
  /** The selected log line, by `seq`; null = the newest. */
  log: LogPlace | null;
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
  /** The instance refuses whatever changes something. */
  readOnly?: boolean;
  /** The other machine that all of this is from; null for this one. */
  host?: string | null;
};

export const firstView: View = {
  pane: 'accounts',
  help: false,
  helpTop: 0,
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

/** What a step has to know of the screen: how many lines each list has, which panes Tab goes through. */
export type Place = Pick<Layout, 'accounts' | 'requests'> &
  Partial<Pick<Layout, 'log' | 'panes'>> & {
    /** How many lines a log sentence takes; one where nothing is said. */
    logLinesOf?: (entry: LogLine) => number;
    /** All lines of the help, and how many of them are seen. */
    help?: { lines: number; height: number };
    now?: EpochMs;
  };

type Step = (view: View, state: State, place: Place) => View;

/** From an index to another one; `page` lines are seen, `last` is the last index. Not yet kept inside the list. */
type Move = (at: number, page: number, last: number) => number;

const moves: Readonly<Record<string, Move>> = {
  'select.next': (at) => at + 1,
  'select.previous': (at) => at - 1,
  // One line stays in view, so that the eye finds its place again.
  'select.page-down': (at, page) => at + Math.max(1, page - 1),
  'select.page-up': (at, page) => at - Math.max(1, page - 1),
  'select.first': () => 0,
  'select.last': (_, __, last) => last,
};

const clamp = (value: number, last: number): number => Math.max(0, Math.min(value, last));

type Select = (view: View, state: State, place: Place, move: Move) => View;

const selectAccount: Select = (view, state, { accounts: height }, move) => {
  const { accounts } = state;
  const last = accounts.length - 1;
  const index = clamp(move(accountIndex(view, state), height, last), last);
  const account = accounts[index];
  if (account === undefined) return view;
  const accountTop = scrollTo(index, view.accountTop, height, accounts.length);
  return { ...view, account: { id: account.id, index }, accountTop };
};

const moveRequest: Select = (view, state, { requests: height }, move) => {
  const { rows } = shownRows(view, state);
  const { selected, following, count } = requestWindow(view, rows, height);
  const to = move(selected, count, rows.length - 1);
  if (rows.length === 0 || (following && to >= selected)) return view;
  return { ...view, request: selectRequest(view, rows, height, to) };
};

const moveLog: Select = (view, { log }, { log: height = 0, logLinesOf = () => 1 }, move) => {
  const room = { height, linesOf: logLinesOf };
  const { selected, following } = logWindow(view.log, log, room);
  const to = move(selected, height, log.length - 1);
  if (log.length === 0 || (following && to >= selected)) return view;
  return { ...view, log: selectLog(view.log, log, room, to) };
};

const selects: Readonly<Record<Pane, Select>> = {
  accounts: selectAccount,
  requests: moveRequest,
  log: moveLog,
};

const scrollHelp = (view: View, { help }: Place, move: Move): View => {
  const { lines, height } = help ?? { lines: 0, height: 0 };
  const last = Math.max(0, lines - height);
  return { ...view, helpTop: clamp(move(Math.min(view.helpTop, last), height, last), last) };
};

const follow = (view: View): View => ({ ...view, request: null, frozen: null });

const moveTo =
  (action: string, move: Move): Step =>
  (view, state, place) => {
    if (view.help) return scrollHelp(view, place, move);
    // The end of the requests is the newest one, also for who looks at a frozen list.
    if (action === 'select.last' && view.frozen !== null && view.pane === 'requests') return follow(view);
    return selects[view.pane](view, state, place, move);
  };

const switchPane =
  (by: 1 | -1): Step =>
  (view, _, { panes = ['accounts', 'requests'] }) => {
    const at = panes.indexOf(view.pane);
    // From a pane that Tab does not reach both ways lead to the nearest one.
    const to = at === -1 ? panes.length - 1 : (at + by + panes.length) % panes.length;
    return { ...view, pane: panes[to] ?? view.pane };
  };

const freeze: Step = (view, { rows, seen }, { now }) => {
  if (view.frozen !== null) return follow(view);
  return { ...view, frozen: { rows, seen, ...(now === undefined ? {} : { at: now }) } };
};

const toggleFollow: Step = (view, { rows }, { requests }) => {
  if (view.frozen !== null || view.request !== null) return follow(view);
  const { start, hidden } = requestWindow(view, rows, requests);
  const [top, last] = [rows[start], rows.at(-1)];
  return top === undefined || last === undefined
    ? view
    : { ...view, request: { selected: last.seq, top: top.seq, hidden } };
};

const toggleLog: Step = (view) => {
  if (!view.logShown) return { ...view, logShown: true };
  const pane = view.pane === 'log' ? 'requests' : view.pane;
  return { ...view, logShown: false, pane, zoomed: view.zoomed && pane === view.pane };
};

/** Whether something is open that Esc and q close. */
export const isOpen = ({ help, zoomed }: View): boolean => help || zoomed;

const closeTop = (view: View): View => (view.help ? { ...view, help: false } : { ...view, zoomed: false });

/** What each action of the table does to the view; the others act on the instance or on the program. */
const steps: Readonly<Record<string, Step>> = {
  ...Object.fromEntries(Object.entries(moves).map(([action, move]) => [action, moveTo(action, move)])),
  'pane.next': switchPane(1),
  'pane.previous': switchPane(-1),
  'pane.accounts': (view) => ({ ...view, pane: 'accounts' }),
  'pane.requests': (view) => ({ ...view, pane: 'requests' }),
  'pane.log': (view) => ({ ...view, pane: 'log', logShown: true }),
  'pane.zoom': (view) => ({ ...view, zoomed: !view.zoomed }),
  'requests.freeze': freeze,
  'requests.follow': toggleFollow,
  'log.toggle': toggleLog,
  help: (view) => ({ ...view, help: !view.help, helpTop: 0 }),
  back: (view) => (isOpen(view) ? closeTop(view) : view),
};

/** The view after an action; the same object when the action does nothing to it. */
export const stepView = (view: View, action: string, state: State, place: Place): View =>
  steps[action]?.(view, state, place) ?? view;
