import { describe, expect, it } from 'vitest';
import { actions } from '../../source/shared/actions.ts';
import { actionFor, keyNames, screenActions, shownKey } from '../../source/ui/keymap.ts';
import { keyOf } from './key.ts';

describe('keyNames', () => {
  it.each([
    ['j', {}, ['j']],
    ['jjjj', {}, ['j', 'j', 'j', 'j']],
    ['j\tk\r', {}, ['j', 'tab', 'k', 'enter']],
    ['?', {}, ['?']],
    ['', { downArrow: true }, ['down']],
    ['', { upArrow: true }, ['up']],
    ['', { tab: true }, ['tab']],
    ['', { tab: true, shift: true }, ['shift+tab']],
    ['', { escape: true }, ['escape']],
    ['', { escape: true, meta: true }, ['escape', 'escape']],
    ['c', { ctrl: true }, ['ctrl+c']],
    ['q', { meta: true }, ['escape', 'q']],
    ['\u0001x', {}, ['ctrl+a', 'x']],
    ['\u0004\u0004', {}, ['ctrl+d', 'ctrl+d']],
    [' ', {}, ['space']],
    ['a b', {}, ['a', 'space', 'b']],
    ['\u0000\u001C\u0085x', {}, ['x']],
    ['é日🦊', {}, ['é', '日', '🦊']],
    ['', { leftArrow: true }, ['left']],
    ['', { rightArrow: true, ctrl: true }, ['right']],
    ['', { pageUp: true }, ['pageup']],
    ['', { pageDown: true }, ['pagedown']],
    ['', { home: true }, ['home']],
    ['', { end: true }, ['end']],
    ['', { backspace: true }, ['backspace']],
    ['', { delete: true }, ['delete']],
    ['', { return: true }, ['enter']],
    ['l', { ctrl: true }, ['ctrl+l']],
    [' ', { ctrl: true }, ['ctrl+space']],
    ['', {}, []],
  ])('reads %j with %j as %j', (input, key, names) => {
    expect(keyNames(input, keyOf(key))).toEqual(names);
  });
});

describe('actionFor', () => {
  it('finds every key of the action table in the pane it belongs to', () => {
    for (const { name, screen } of actions) {
      for (const key of screen?.keys ?? []) {
        const pane = screen?.where === undefined || screen.where === 'all' ? 'accounts' : screen.where;
        expect(actionFor(key, pane)?.name).toBe(name);
      }
    }
  });

  it('gives no key two meanings in one pane', () => {
    for (const pane of ['accounts', 'requests', 'log'] as const) {
      const here = screenActions.filter(({ screen }) => screen.where === 'all' || screen.where === pane);
      const keys = here.flatMap(({ screen }) => screen.keys);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  it('knows no other key, nor a key of the other pane', () => {
    expect(actionFor('x', 'accounts')).toBeNull();
    expect(actionFor('p', 'requests')).toBeNull();
  });
});

describe('shownKey', () => {
  it('writes keys as people read them', () => {
    const names = ['tab', 'ctrl+c', 'j', '?', 'space', 'pageup', 'home', 'shift+tab', 'ctrl+l'];
    expect(names.map(shownKey)).toEqual([
      'Tab',
      'Ctrl-C',
      'j',
      '?',
      'Space',
      'PgUp',
      'Home',
      'Shift+Tab',
      'Ctrl-L',
    ]);
  });
});
