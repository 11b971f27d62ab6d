import type { Pane } from '../shared/action.ts';
import type { AccountId, AccountView, EpochMs } from '../shared/types.ts';
import type { LogLine, State } from '../store/state.ts';
import { accountSorts, arranged, byPriority } from './account-list.ts';
import { scrollTo, type Layout, type Size } from './layout.ts';
import { logWindow, selectLog, type LogPlace } from './log-window.ts';
import { clamp, moves, type Move } from './moves.ts';
import type { Keymap } from './keymap.ts';
import type { PromptLook } from './prompt.ts';
import { fittingColumns } from './panes/request-columns.ts';
import { orderOf, wholeList } from './request-list.ts';
import { follow, moveRequest, requestSteps, type RequestsStep, type RequestsView } from './steps/requests.ts';
import { nextSort, requestSorts, type Sort, type SortKey } from './sort-keys.ts';
import type { Theme } from './theme.ts';

/**
 * What the person looks at: everything on the screen that is not the state of the instance. Of the requests: `request`
 * is the selected and the topmost one by `seq`, null = the pane follows the newest; `frozen` are the rows as they were
 * when the person froze the list, which new ones and evictions leave alone, and `at` is when, so that no time in it
 * goes on, null = live; `list` is what is filtered, sorted and cleared, `columns` which columns it has.
 */
export type View = RequestsView & {
  pane: Pane;
  help: boolean;
  /** The topmost visible line of the help, where not all fit. */
  helpTop: number;
  /** What the help is searched for; empty = nothing. */
  helpQuery: string;
  /** The focused pane has the whole screen. */
  zoomed: boolean;
  /** The log has a pane of its own, where there is room for one. */
  logShown: boolean;
  /** The selected account, by id; `index` is where it stood, for when it goes away. null = the first one. */
  account: { id: AccountId; index: number } | null;
  accountTop: number;
  /** The order of the accounts. */
  accountSort: Sort;
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
  /** The keys that answer the notice, by name; nothing else means anything while there are some. */
  answers?: readonly string[];
  /** As in a narrow terminal, also where there is room for more. */
  compact?: boolean;
  /** A dialog beside the panes has the keys. */
  keysElsewhere?: boolean;
  /** What stands under the header as long as it is so; null = nothing. */
  banner?: string | null;
  theme: Theme;
  now: EpochMs;
  /** The instance refuses whatever changes something. */
  readOnly?: boolean;
  /** The other machine that all of this is from; null for this one. */
  host?: string | null;
  /** What is asked for at the foot of the screen; null while nothing is. */
  prompt?: PromptLook | null;
  /** The keys of this person; the usual ones where nothing is said. */
  keys?: Keymap;
};

export const firstView: View = {
  pane: 'accounts',
  help: false,
  helpTop: 0,
  helpQuery: '',
  zoomed: false,
  logShown: true,
  account: null,
  accountTop: 0,
  accountSort: byPriority,
  request: null,
  frozen: null,
  list: wholeList,
  columns: fittingColumns,
  log: null,
};

/** The selected account; null when there is none. */
export const selectedAccount = (view: View, state: State): AccountView | null => {
  const shown = arranged(view.accountSort, state);
  return shown.accounts[accountIndex(view, shown)] ?? null;
};

/** Where the selected account stands now, among accounts in the order in which they are shown; 0 when nothing is selected, -1 when there is no account. */
export const accountIndex = (view: View, { accounts }: Pick<State, 'accounts'>): number => {
  if (accounts.length === 0) return -1;
  if (view.account === null) return 0;
  const { id, index } = view.account;
  const found = accounts.findIndex((account) => account.id === id);
  return found === -1 ? Math.min(index, accounts.length - 1) : found;
};

/** What a step has to know of the screen: how many lines each list has, which panes Tab goes through. */
export type Place = Pick<Layout, 'accounts' | 'requests'> &
  Partial<Pick<Layout, 'kind' | 'log' | 'panes'>> & {
    /** How many lines a log sentence takes; one where nothing is said. */
    logLinesOf?: (entry: LogLine) => number;
    /** All lines of the help, and how many of them are seen. */
    help?: { lines: number; height: number };
    now?: EpochMs;
  };

/** Whether the keys are for that pane, and for nothing beside it. */
export const hasKeys = ({ view, keysElsewhere = false }: FrameInput, pane: Pane): boolean =>
  view.pane === pane && !keysElsewhere;

type Step = (view: View, state: State, place: Place) => View;

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

/** A step of the list of requests as one of the whole view. */
const withRequests =
  (step: RequestsStep): Step =>
  (view, state, place) => {
    const change = step(view, state, place);
    return change === null ? view : { ...view, ...change };
  };

const selectRequests: Select = (view, state, place, move) =>
  withRequests(moveRequest(move))(view, state, place);

const moveLog: Select = (view, { log }, { log: height = 0, logLinesOf = () => 1 }, move) => {
  const room = { height, linesOf: logLinesOf };
  const { selected, following } = logWindow(view.log, log, room);
  const to = move(selected, height, log.length - 1);
  if (log.length === 0 || (following && to >= selected)) return view;
  return { ...view, log: selectLog(view.log, log, room, to) };
};

const selects: Readonly<Record<Pane, Select>> = {
  accounts: selectAccount,
  requests: selectRequests,
  log: moveLog,
};

const scrollHelp = (view: View, { help }: Place, move: Move): View => {
  const { lines, height } = help ?? { lines: 0, height: 0 };
  const last = Math.max(0, lines - height);
  return { ...view, helpTop: clamp(move(Math.min(view.helpTop, last), height, last), last) };
};

/** The key to the end of the list where the newest request is. */
const newestBy = ({ list }: View): string | null => {
  const { timed, home } = orderOf(list);
  return timed ? (home === 'end' ? 'select.last' : 'select.first') : null;
};

const moveTo =
  (action: string, move: Move): Step =>
  (view, state, place) => {
    if (view.help) return scrollHelp(view, place, move);
    // That end of the requests is the newest one, also for who looks at a frozen list.
    if (view.pane === 'requests' && view.frozen !== null && action === newestBy(view)) {
      return withRequests(follow)(view, state, place);
    }
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

const toggleLog: Step = (view) => {
  if (!view.logShown) return { ...view, logShown: true };
  const pane = view.pane === 'log' ? 'requests' : view.pane;
  return { ...view, logShown: false, pane, zoomed: view.zoomed && pane === view.pane };
};

/** The list of the pane in another order; the log has but one. */
const sortBy =
  (change: (keys: readonly SortKey<never>[], sort: Sort) => Sort): Step =>
  (view) => {
    if (view.pane === 'accounts') return { ...view, accountSort: change(accountSorts, view.accountSort) };
    if (view.pane === 'log') return view;
    // Who asks for another order wants to see what is first in it, not where the selected one went.
    return { ...view, request: null, list: { ...view.list, sort: change(requestSorts, view.list.sort) } };
  };

/** Whether something is open that Esc and q close. */
export const isOpen = ({ help, zoomed }: View): boolean => help || zoomed;

const closeTop = (view: View): View =>
  view.help ? { ...view, help: false, helpQuery: '' } : { ...view, zoomed: false };

/** What each action of the table does to the view; the others act on the instance or on the program. */
const steps: Readonly<Record<string, Step>> = {
  ...Object.fromEntries(Object.entries(moves).map(([action, move]) => [action, moveTo(action, move)])),
  'pane.next': switchPane(1),
  'pane.previous': switchPane(-1),
  'pane.accounts': (view) => ({ ...view, pane: 'accounts' }),
  'pane.requests': (view) => ({ ...view, pane: 'requests' }),
  'pane.log': (view) => ({ ...view, pane: 'log', logShown: true }),
  'pane.zoom': (view) => ({ ...view, zoomed: !view.zoomed }),
  ...Object.fromEntries(Object.entries(requestSteps).map(([action, step]) => [action, withRequests(step)])),
  'list.sort': sortBy(nextSort),
  'list.reverse': sortBy((_, sort) => ({ ...sort, reversed: !sort.reversed })),
  'log.toggle': toggleLog,
  help: (view) => ({ ...view, help: !view.help, helpTop: 0, helpQuery: '' }),
  back: (view) => (isOpen(view) ? closeTop(view) : view),
};

/** The view after an action; the same object when the action does nothing to it. */
export const stepView = (view: View, action: string, state: State, place: Place): View =>
  steps[action]?.(view, arranged(view.accountSort, state), place) ?? view;
