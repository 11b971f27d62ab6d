import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { actions } from '../../source/shared/actions.ts';
import type { State } from '../../source/store/state.ts';
import { keymapOf, keyNames, screenActions, shownKey, standardKeys } from '../../source/ui/keymap.ts';
import { createDialogs } from '../../source/ui/overlays/dialogs.ts';
import { keyOf } from './key.ts';
import { openModel, plain } from './open-model.ts';
import { busyState, emptyState, now } from './sample.ts';

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
        expect(standardKeys.actionFor(key, pane)?.name).toBe(name);
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
    expect(standardKeys.actionFor('x', 'accounts')).toBeNull();
    expect(standardKeys.actionFor('p', 'requests')).toBeNull();
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

describe('a screen with every action on another key', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const names = screenActions.map(({ name }) => name);
  /** A letter that stands in none of our sentences. */
  const letter = (name: string): string => String.fromCodePoint(0x410 + names.indexOf(name));
  const keys = keymapOf(names.map((name) => `${name} ${letter(name)}`));
  const remapped = (state: State = busyState, more: Parameters<typeof openModel>[3] = {}) => {
    const ran = async (): Promise<never> => undefined as never;
    const screen = openModel(state, ran, undefined, { keys, dialogs: createDialogs(null), ...more });
    const press = (...actions: string[]): void => screen.model.press(actions.map(letter).join(''), plain);
    const read = (): string => {
      const { accounts, requests, log, dialog, help, prompt, footer } = screen.model.frame();
      return [...accounts, ...requests, ...log, ...(dialog ?? help ?? []), prompt ?? '', footer].join('\n');
    };
    return { ...screen, press, read };
  };

  it('says that key in every sentence that names one', async () => {
    const idle = { ...emptyState, accounts: busyState.accounts };
    const demo: State = { ...busyState, demo: true };
    const held = { ...busyState, log: [] };
    const cases: [State, string[], string, RegExp][] = [
      [idle, [], 'client.connect', / another shell; (.) shows what else there is/],
      [busyState, [], 'log.toggle', / 3 Log ─+ (.) hides ─/],
      [emptyState, [], 'quit', /look at a demo, (.) comes back/],
      [emptyState, ['account.remove'], 'account.add', /there is no account yet; (.) adds one/],
      [emptyState, ['account.login'], 'account.add', /an\s+API\s+key\s+\((.)\)/],
      [demo, ['account.import'], 'quit', /leave it with (.) and start/],
      [demo, ['account.add'], 'quit', /Leave\s+it\s+with\s+(.)\s+and/],
      [held, ['account.prefer'], 'undo', /new work goes to work first · (.) undoes/],
      [held, ['help'], 'requests.filter', /(.) search/],
      [busyState, ['statistics.show'], 'requests.columns-left', /(.) . range/],
      [busyState, ['account.detail'], 'select.next', /(.) . next account/],
      [busyState, ['client.connect'], 'select.next', /(.) . choose/],
      [busyState, ['pane.requests', 'request.copy'], 'select.next', /(.) . move/],
    ];
    for (const [state, actions, action, sentence] of cases) {
      const { press, read } = remapped(state);
      press(...actions);
      await vi.advanceTimersByTimeAsync(0);
      expect([sentence, sentence.exec(read())?.[1]]).toEqual([sentence, letter(action)]);
    }
    const { model, press, read } = remapped();
    press('pane.requests', 'requests.filter');
    model.press('nobody', plain);
    model.press('', keyOf({ return: true }));
    expect(read()).toContain(`No request matches nobody; ${letter('requests.filter-toggle')} shows all 8`);
    model.press('', keyOf({ escape: true }));
    expect(read()).toContain(`filter cleared · ${letter('undo')} undoes`);
    press('action.ask');
    model.press('nonsense', plain);
    expect(read()).toContain(`no such action; ${letter('help')} lists them`);
  });

  it('closes what is open with the key that opened it, and with the one that quits', () => {
    const { model, press, read, quits } = remapped();
    for (const action of ['statistics.show', 'account.detail', 'client.connect', 'strategy.choose', 'help']) {
      for (const closing of [action, 'quit']) {
        press(action);
        expect(read()).not.toContain('team-a reached its 5h limit, back');
        press(closing);
        expect(read()).toContain('team-a reached its 5h limit, back');
      }
    }
    model.press('q', plain);
    expect([quits, read()]).toEqual([[], expect.stringContaining('q: no such key here')]);
    press('quit');
    expect(quits).toEqual(['q']);
  });

  it('answers a question of the program with the key that quits, and not with q', () => {
    const { model, press } = remapped();
    const answered: string[] = [];
    model.setNotice('draining 2', { q: () => answered.push('q'), d: () => answered.push('d') });
    const quit = model.frame().footer;
    expect(quit.trim()).toMatch(/^\S+ quit now {2}d refuse new ones$/);
    expect(quit).not.toMatch(/^ q /);
    model.press('q', plain);
    expect(answered).toEqual([]);
    press('quit');
    model.press('d', plain);
    expect(answered).toEqual(['q', 'd']);
  });

  it('suspends from everywhere with another control key, and types a letter where one types', () => {
    const called: string[] = [];
    const onSuspend = (): void => void called.push('suspend');
    const control = keymapOf(['suspend ctrl+x', 'redraw r', 'account.usage', 'request.release']);
    const { model, read } = remapped(busyState, { onSuspend, onRedraw: onSuspend, keys: control });
    model.press('/r', plain);
    model.press('x', keyOf({ ctrl: true }));
    model.press('z', keyOf({ ctrl: true }));
    expect([called, read()]).toEqual([['suspend'], expect.stringContaining('filter: r')]);
  });

  it('opens with the mouse what Enter opens no more', () => {
    const { model, read } = remapped();
    const click = { kind: 'mouse', deed: { kind: 'press', row: 3 } } as const;
    model.hear(click);
    expect(read()).toContain('Account work');
  });
});
