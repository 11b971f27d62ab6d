import type { State } from '../store/state.ts';
import { screenActions, shownKey, type KeyHint } from './keymap.ts';
import { requestWindow, shownRows } from './request-window.ts';
import { accountIndex, isOpen, type View } from './view.ts';

type Wording = (word: string, view: View, state: State) => string | null;

/** What becomes of the action's word where that depends on what is there; null = the key means nothing now. */
const wordings: Readonly<Record<string, Wording>> = {
  'account.toggle': (_, view, state) => {
    const account = state.accounts[accountIndex(view, state)];
    return account === undefined ? null : account.paused ? 'resume' : 'pause';
  },
  // Everywhere the first thing to do while there is none.
  'account.add': (add, { pane }, { accounts }) => (pane === 'accounts' || accounts.length === 0 ? add : null),
  'requests.freeze': (freeze, view, state) =>
    shownRows(view, state).rows.length === 0 ? null : view.frozen === null ? freeze : 'go on',
  // Said in the title while it follows; what is worth a place here is the way back.
  'requests.follow': (follow, view, state) =>
    view.frozen === null && requestWindow(view, state.rows, 1).following ? null : follow,
  // What to set in a client is asked for until the first one has found the way.
  'client.connect': (connect, _, { seen }) => (seen === 0 ? connect : null),
  'pane.zoom': (zoom, { zoomed }) => (zoomed ? null : zoom),
  quit: (quit, view) => (isOpen(view) ? 'back' : quit),
};

/** Which keys are named, the most needed first; the last two stand at the end and are never left out. */
const order: readonly string[] = [
  'account.toggle',
  'requests.freeze',
  'requests.follow',
  'account.add',
  'client.connect',
  'pane.next',
  'pane.zoom',
  'help',
  'quit',
];

/** So many keys can be taken in at a glance. */
const most = 6;

/** The keys worth naming at the foot of the screen now, the most needed first, help and quit last. */
export const footerKeys = (view: View, state: State): KeyHint[] => {
  const hints = order.flatMap((name): KeyHint[] => {
    const action = screenActions.find((each) => each.name === name);
    if (action === undefined || action.screen.footer === null) return [];
    const { keys, where, footer } = action.screen;
    const wording = wordings[name];
    const text = wording === undefined ? footer : wording(footer, view, state);
    const [key] = keys;
    if (text === null || key === undefined || (where !== 'all' && where !== view.pane)) return [];
    return [{ key: shownKey(key), text }];
  });
  return [...hints.slice(0, Math.min(most - 2, hints.length - 2)), ...hints.slice(-2)];
};

/** The keys named under the help; scrolling only where not all of it fits. */
export const helpKeys = (fits: boolean): KeyHint[] => [
  ...(fits ? [] : [{ key: 'j k', text: 'scroll' }]),
  { key: 'Esc', text: 'close' },
];
