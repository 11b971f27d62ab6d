import type { State } from '../store/state.ts';
import { keyHint, moveHint, shownKey, standardKeys, type KeyHint, type Keymap } from './keymap.ts';
import { shownRows } from './request-list.ts';
import { requestWindow, selectedRequest } from './request-window.ts';
import { isOpen, selectedAccount, type View } from './view.ts';

type Wording = (word: string, view: View, state: State) => string | null;

/** Only a request that is held can be ended by a person. */
const ofHeld: Wording = (word, view, state) => {
  const row = selectedRequest(view, state);
  return row?.kind === 'live' && row.request.heldUntil !== undefined ? word : null;
};

/** What becomes of the action's word where that depends on what is there; null = the key means nothing now. */
const wordings: Readonly<Record<string, Wording>> = {
  'account.detail': (detail, _, { accounts }) => (accounts.length === 0 ? null : detail),
  'account.toggle': (_, view, state) => {
    const account = selectedAccount(view, state);
    return account === null ? null : account.paused ? 'resume' : 'pause';
  },
  // Worth a place where nothing else helps; a token that was made once is made anew elsewhere.
  'account.login': (signIn, view, state) => {
    const account = selectedAccount(view, state);
    return account?.state === 'needs-login' && account.kind === 'login' ? signIn : null;
  },
  // Everywhere the first thing to do while there is none.
  'account.add': (add, { pane }, { accounts }) => (pane === 'accounts' || accounts.length === 0 ? add : null),
  'requests.freeze': (freeze, view, state) =>
    shownRows(view, state).rows.length === 0 ? null : view.frozen === null ? freeze : 'go on',
  // Said in the title while it follows; what is worth a place here is the way back.
  'requests.follow': (follow, view, state) =>
    view.frozen === null && requestWindow(view, shownRows(view, state).rows, 1).following ? null : follow,
  // Said first while it decides what is seen: where there is no title, nothing else tells of it.
  'requests.filter-toggle': (off, { list: { filter } }) =>
    filter === null ? null : filter.on ? off : 'filter on',
  'requests.filter': (filter, view, state) =>
    view.pane === 'requests' && shownRows(view, state).rows.length > 0 ? filter : null,
  'request.show': (why, view, state) => (selectedRequest(view, state) === undefined ? null : why),
  'request.copy': (copy, view, state) => (selectedRequest(view, state) === undefined ? null : copy),
  'request.release': ofHeld,
  'request.cancel': ofHeld,
  // Offered with the rest of the first steps.
  'account.import': (take, _, { accounts }) => (accounts.length === 0 ? take : null),
  // What to set in a client is asked for until the first one has found the way.
  'client.connect': (connect, _, { seen }) => (seen === 0 ? connect : null),
  'pane.zoom': (zoom, { zoomed }) => (zoomed ? null : zoom),
  quit: (quit, view) => (isOpen(view) ? 'back' : quit),
};

/** Which keys are named, the most needed first; the last two stand at the end and are never left out. */
const order: readonly string[] = [
  'account.login',
  'account.toggle',
  'request.release',
  'request.cancel',
  'requests.filter-toggle',
  'requests.freeze',
  'requests.follow',
  'request.show',
  'requests.filter',
  'account.detail',
  'request.copy',
  'account.add',
  'account.import',
  'client.connect',
  'pane.next',
  'action.ask',
  'pane.zoom',
  'help',
  'quit',
];

/** So many keys can be taken in at a glance, beside help and quit. Without room for them fewer are named. */
const most = 6;

/** The keys worth naming at the foot of the screen now, the most needed first, help and quit last. */
export const footerKeys = (view: View, state: State, keymap: Keymap = standardKeys): KeyHint[] => {
  const hints = order.flatMap((name): KeyHint[] => {
    const action = keymap.actions.find((each) => each.name === name);
    if (action === undefined || action.screen.footer === null) return [];
    const { keys, where, footer } = action.screen;
    const wording = wordings[name];
    const text = wording === undefined ? footer : wording(footer, view, state);
    const [key] = keys;
    if (text === null || key === undefined || (where !== 'all' && where !== view.pane)) return [];
    return [{ key: shownKey(key), text }];
  });
  return [...hints.slice(0, Math.min(most, hints.length - 2)), ...hints.slice(-2)];
};

/** The keys named under the help; scrolling only where not all of it fits. */
export const helpKeys = (fits: boolean, keymap: Keymap = standardKeys): KeyHint[] => [
  ...(fits ? [] : moveHint(keymap, 'scroll')),
  ...keyHint(keymap, ['requests.filter'], 'search'),
  { key: 'Esc', text: 'close' },
];

/** What the keys do that answer a question of the program, by their names; `q` stands for whatever key quits. */
const answerWords: Readonly<Record<string, string>> = { q: 'quit now', d: 'refuse new ones', escape: 'stay' };

/** The keys that answer, while nothing else means anything. */
export const answerKeys = (answers: readonly string[], keymap: Keymap = standardKeys): KeyHint[] =>
  answers.flatMap((name) => {
    const text = answerWords[name];
    const key = name === 'q' ? keymap.keyOf('quit') : shownKey(name);
    return text === undefined || key === null ? [] : [{ key, text }];
  });
