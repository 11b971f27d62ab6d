import { describe, expect, it } from 'vitest';
import { actions } from '../../source/shared/actions.ts';
import {
  actionFor,
  footerKeys,
  keyNames,
  screenActions,
  shownKey,
  type Key,
} from '../../source/ui/keymap.ts';

const none: Key = {
  ctrl: false,
  meta: false,
  shift: false,
  tab: false,
  escape: false,
  return: false,
  upArrow: false,
  downArrow: false,
};

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
    ['', { escape: true, meta: true }, ['escape']],
    ['c', { ctrl: true }, ['ctrl+c']],
    ['q', { meta: true }, ['escape', 'q']],
    ['\u0001x', {}, ['x']],
    ['', {}, []],
  ])('reads %j with %j as %j', (input, key, names) => {
    expect(keyNames(input, { ...none, ...key })).toEqual(names);
  });
});

describe('actionFor', () => {
  it('finds every key of the action table in the pane it belongs to', () => {
    for (const { name, screen } of actions) {
      for (const key of screen?.keys ?? []) {
        const pane = screen?.where === 'requests' ? 'requests' : 'accounts';
        expect(actionFor(key, pane)?.name).toBe(name);
      }
    }
  });

  it('gives no key two meanings in one pane', () => {
    for (const pane of ['accounts', 'requests'] as const) {
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

describe('footerKeys', () => {
  it('names only keys that do something here', () => {
    expect(footerKeys('accounts', true).map(({ key }) => key)).toEqual(['p', 'Tab', '?', 'q']);
    expect(footerKeys('requests', true).map(({ key }) => key)).toEqual(['Tab', '?', 'q']);
    expect(footerKeys('accounts', false).map(({ key }) => key)).toEqual(['Tab', '?', 'q']);
  });
});

describe('shownKey', () => {
  it('writes keys as people read them', () => {
    expect(['tab', 'ctrl+c', 'j', '?'].map(shownKey)).toEqual(['Tab', 'Ctrl-C', 'j', '?']);
  });
});
