import { describe, expect, it } from 'vitest';
import type { State } from '../../source/store/state.ts';
import { actionFor, screenActions, shownKey } from '../../source/ui/keymap.ts';
import { footerKeys, helpKeys } from '../../source/ui/footer-keys.ts';
import { firstView, type View } from '../../source/ui/view.ts';
import { accountOf, busyState, emptyState } from './sample.ts';

const shown = (part: Partial<View> = {}, state: State = busyState): string[] =>
  footerKeys({ ...firstView, ...part }, state).map(({ key, text }) => `${key} ${text}`);

describe('footerKeys', () => {
  it('names what is most needed in each pane, at most six keys', () => {
    expect(shown()).toEqual(['p pause', 'a add', 'Tab pane', 'z zoom', '? help', 'q quit']);
    expect(shown({ pane: 'requests' })).toEqual(['Space freeze', 'Tab pane', 'z zoom', '? help', 'q quit']);
    expect(shown({ pane: 'log' })).toEqual(['Tab pane', 'z zoom', '? help', 'q quit']);
  });

  it('offers what to do first while there is no account, and no key that acts on one', () => {
    for (const pane of ['accounts', 'requests', 'log'] as const) {
      const keys = shown({ pane }, emptyState);
      expect(keys).toEqual(['a add', 'c connect', 'Tab pane', 'z zoom', '? help', 'q quit']);
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
    expect(shown({ zoomed: true })).toEqual(['p pause', 'a add', 'Tab pane', '? help', 'q back']);
  });

  it('names every action that has a word for it, somewhere', () => {
    const connecting = { ...emptyState, accounts: [accountOf('work')] };
    const named = (['accounts', 'requests', 'log'] as const).flatMap((pane) => [
      ...shown({ pane }, connecting),
      ...shown({ pane }),
      ...shown({ pane, frozen: { rows: busyState.rows, seen: 8 } }),
    ]);
    const keys = new Set(named.map((each) => each.split(' ')[0]));
    const worded = screenActions.filter(({ screen }) => screen.footer !== null);
    expect(keys).toEqual(new Set(worded.map(({ screen }) => shownKey(screen.keys[0] ?? ''))));
  });

  it('names no key that means nothing there', () => {
    for (const pane of ['accounts', 'requests', 'log'] as const) {
      for (const { key } of footerKeys({ ...firstView, pane }, busyState)) {
        const name = key === 'Tab' || key === 'Space' ? key.toLowerCase() : key;
        expect(actionFor(name, pane)).not.toBeNull();
      }
    }
  });
});

describe('helpKeys', () => {
  it('offers to scroll only where not all is seen', () => {
    expect(helpKeys(true)).toEqual([{ key: 'Esc', text: 'close' }]);
    expect(helpKeys(false)[0]).toEqual({ key: 'j k', text: 'scroll' });
  });
});
