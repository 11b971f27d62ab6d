import { describe, expect, it } from 'vitest';
import type { State } from '../../source/store/state.ts';
import { standardKeys, screenActions, shownKey } from '../../source/ui/keymap.ts';
import { footerKeys, helpKeys } from '../../source/ui/footer-keys.ts';
import { firstView, type View } from '../../source/ui/view.ts';
import { accountOf, busyState, emptyState, later, liveRow } from './sample.ts';

const shown = (part: Partial<View> = {}, state: State = busyState): string[] =>
  footerKeys({ ...firstView, ...part }, state).map(({ key, text }) => `${key} ${text}`);

const filtered = (on: boolean): View['list'] => ({
  ...firstView.list,
  filter: { text: 'is:error', wants: () => true, on },
});

describe('footerKeys', () => {
  it('names what is most needed in each pane, at most six beside help and quit', () => {
    expect(shown()).toEqual([
      'p pause',
      'Enter detail',
      'a add',
      'Tab pane',
      ': command',
      'z zoom',
      '? help',
      'q quit',
    ]);
    expect(shown({ pane: 'requests' })).toEqual([
      'Space freeze',
      'Enter why',
      '/ filter',
      'y copy',
      'Tab pane',
      ': command',
      '? help',
      'q quit',
    ]);
    expect(shown({ pane: 'log' })).toEqual(['Tab pane', ': command', 'z zoom', '? help', 'q quit']);
  });

  it('offers what to do first while there is no account, and no key that acts on one', () => {
    for (const pane of ['accounts', 'requests', 'log'] as const) {
      const keys = shown({ pane }, emptyState);
      expect(keys).toEqual([
        'a add',
        'I import',
        'c connect',
        'Tab pane',
        ': command',
        'z zoom',
        '? help',
        'q quit',
      ]);
    }
  });

  it('shows how to connect a client until the first request came', () => {
    const state = { ...emptyState, accounts: [accountOf('work')] };
    expect(shown({}, state)).toContain('c connect');
    expect(shown({}, { ...state, seen: 1 })).not.toContain('c connect');
  });

  it('says what the key does now', () => {
    const account = { id: accountOf('spare').id, index: 3 };
    expect(shown({ account })[0]).toBe('p resume');
    const frozen = { rows: busyState.rows, seen: 8 };
    expect(shown({ pane: 'requests', frozen }).slice(0, 2)).toEqual(['Space go on', 'F follow']);
    const request = { selected: 3, top: 1 };
    expect(shown({ pane: 'requests', request }).slice(0, 2)).toEqual(['Space freeze', 'F follow']);
    expect(shown({ zoomed: true })).toEqual([
      'p pause',
      'Enter detail',
      'a add',
      'Tab pane',
      ': command',
      '? help',
      'q back',
    ]);
  });

  it('offers to end the wait of a request that is held, while it is selected', () => {
    const state = { ...busyState, rows: [...busyState.rows, liveRow(9, { heldUntil: later(9000) })] };
    const ends = ['r release', 'X cancel'];
    expect(shown({ pane: 'requests' }, state).slice(0, 2)).toEqual(ends);
    const request = { selected: 8, top: 1 };
    expect(shown({ pane: 'requests', request }, state)).not.toContain('r release');
  });

  it('says first that a filter decides what is seen, or could', () => {
    expect(shown({ pane: 'requests', list: filtered(true) })[0]).toBe('Ctrl-F filter off');
    expect(shown({ pane: 'requests', list: filtered(false) })[0]).toBe('Ctrl-F filter on');
  });

  it('offers to sign in again where a login has ended', () => {
    const accounts = [accountOf('home', { kind: 'login', state: 'needs-login' }), accountOf('work')];
    const state = { ...busyState, accounts };
    expect(shown({}, state)).toEqual([
      'R sign in',
      'p pause',
      'Enter detail',
      'a add',
      'Tab pane',
      ': command',
      '? help',
      'q quit',
    ]);
    expect(shown({ account: { id: accountOf('work').id, index: 1 } }, state)).not.toContain('R sign in');
    expect(shown({ pane: 'requests' }, state)).not.toContain('R sign in');
    const token = accountOf('home', { kind: 'setup-token', state: 'needs-login' });
    expect(shown({}, { ...state, accounts: [token] })).not.toContain('R sign in');
  });

  it('names every action that has a word for it, somewhere', () => {
    const connecting = { ...emptyState, accounts: [accountOf('work')] };
    const named = (['accounts', 'requests', 'log'] as const).flatMap((pane) => [
      ...shown({ pane }, connecting),
      ...shown({ pane }, { ...emptyState, rows: [liveRow(1, { heldUntil: later(9) })] }),
      ...shown(
        { pane },
        { ...emptyState, accounts: [accountOf('home', { kind: 'login', state: 'needs-login' })] },
      ),
      ...shown({ pane }),
      ...shown({ pane, frozen: { rows: busyState.rows, seen: 8 } }),
      ...shown({ pane, list: filtered(true) }),
    ]);
    const keys = new Set(named.map((each) => each.split(' ')[0]));
    const worded = screenActions.filter(({ screen }) => screen.footer !== null);
    expect(keys).toEqual(new Set(worded.map(({ screen }) => shownKey(screen.keys[0] ?? ''))));
  });

  it('names no key that means nothing there', () => {
    for (const pane of ['accounts', 'requests', 'log'] as const) {
      for (const { key } of footerKeys({ ...firstView, pane }, busyState)) {
        const name = key.length > 1 ? key.toLowerCase() : key;
        expect(standardKeys.actionFor(name, pane)).not.toBeNull();
      }
    }
  });
});

describe('helpKeys', () => {
  it('offers to scroll only where not all is seen', () => {
    const always = [
      { key: '/', text: 'search' },
      { key: 'Esc', text: 'close' },
    ];
    expect(helpKeys(true)).toEqual(always);
    expect(helpKeys(false)).toEqual([{ key: 'j k', text: 'scroll' }, ...always]);
  });
});
