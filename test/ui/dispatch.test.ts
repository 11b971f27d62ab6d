import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CcrError } from '../../source/shared/errors.ts';
import type { Dialog, DialogContext } from '../../source/ui/dialog.ts';
import { keymapOf } from '../../source/ui/keymap.ts';
import { keyOf } from './key.ts';
import { openModel as open, plain } from './open-model.ts';
import { busyState, doneRow, now, sampleSession } from './sample.ts';

const tab = keyOf({ tab: true });
const escape = keyOf({ escape: true });

describe('createDispatch', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('pauses and resumes the selected account', async () => {
    const { model, session } = open(busyState, async () => undefined as never);
    model.press('jp', plain);
    await vi.advanceTimersByTimeAsync(0);
    model.press('jjp', plain);
    await vi.advanceTimersByTimeAsync(0);
    expect(session.ran).toEqual(['account.pause home', 'account.resume spare']);
  });

  it('shows why a command failed until the next key', async () => {
    const { model } = open(busyState, () =>
      Promise.reject(
        new CcrError('unknown_account', 'no account work', { hint: 'see ccr-tui account list' }),
      ),
    );
    model.press('p', plain);
    await vi.advanceTimersByTimeAsync(0);
    expect(model.frame().log.at(-1)).toContain('no account work; see ccr-tui account list');
    model.press('j', plain);
    expect(model.frame().log.join('')).toContain('team-a reached its 5h limit');
  });

  it('closes the help with q, Esc and ?, and leaves with ctrl+c from there', () => {
    const { model, quits, session } = open();
    for (const [text, key] of [
      ['q', plain],
      ['', escape],
      ['?', plain],
    ] as const) {
      model.press('?', plain);
      expect(model.frame().help).not.toBeNull();
      model.press(text, key);
      expect(model.frame().help).toBeNull();
    }
    model.press('?', plain);
    model.press('p', plain);
    model.press('c', { ...plain, ctrl: true });
    expect(quits).toEqual(['ctrl+c']);
    expect(session.ran).toEqual([]);
  });

  it('closes a zoomed pane with q before it leaves', () => {
    const { model, quits } = open();
    model.press('3zq', plain);
    expect(quits).toEqual([]);
    expect(model.frame().accounts.length).toBeGreaterThan(0);
    model.press('q', plain);
    expect(quits).toEqual(['q']);
  });

  it('does nothing for a key that means nothing but saying so, until the next key', () => {
    const { model, session, quits } = open();
    const before = model.frame();
    model.press('Q%&é日', plain);
    for (const letter of ['a', 'k', 's', 'q']) model.press(letter, keyOf({ ctrl: true }));
    for (const field of ['return', 'backspace', 'delete'] as const) {
      model.press('', keyOf({ [field]: true }));
    }
    expect(model.frame().log.at(-1)?.trim()).toBe('Del: no such key here · ? help');
    expect([session.ran, quits]).toEqual([[], []]);
    model.press('k', plain);
    expect(model.frame()).toEqual(before);
  });

  it('goes by the keys of the person, in the footer, the help and what it says', () => {
    const keys = keymapOf(['select.next n', 'requests.next-error', 'help H', 'account.toggle P']);
    const { model, marked } = open(busyState, undefined, undefined, { keys });
    model.press('n', plain);
    expect(marked()).toContain('home');
    model.press('j', plain);
    expect(marked()).toContain('home');
    expect(model.frame().log.at(-1)?.trim()).toBe('j: no such key here · H help');
    expect(model.frame().footer).toMatch(/^ P pause .* H help {2}q quit$/);
    model.press('H', plain);
    expect(model.frame().help?.join('\n')).toMatch(/ n +next row/);
  });

  it('knows after each key of one input how the screen is divided then', () => {
    const rows = Array.from({ length: 100 }, (_, i) => doneRow(i + 1));
    const { model, marked } = open({ ...busyState, rows });
    model.resize({ columns: 30, rows: 10 });
    // Zoomed, the requests have eight lines: a page up goes by seven.
    model.press('2z', plain);
    model.press('', keyOf({ pageUp: true }));
    model.press('j', plain);
    const alone = marked();
    const together = open({ ...busyState, rows });
    together.model.resize({ columns: 30, rows: 10 });
    together.model.press('2z\u0015j', plain);
    expect(together.marked()).toBe(alone);
    expect(together.model.frame().requests).toEqual(model.frame().requests);
  });

  describe('undo', () => {
    /** A session in which pausing works. */
    const working = () => {
      const screen = open(busyState, async (name, args) => {
        const { session } = screen;
        const paused = name === 'account.pause';
        const accounts = session
          .state()
          .accounts.map((each) =>
            'account' in args && each.name === args.account
              ? { ...each, paused, state: paused ? ('paused' as const) : ('ready' as const) }
              : each,
          );
        session.set({ ...session.state(), accounts });
        return undefined as never;
      });
      const bottom = (): string => screen.model.frame().log.at(-1)?.trim() ?? '';
      const press = async (keys: string): Promise<void> => {
        screen.model.press(keys, plain);
        await vi.advanceTimersByTimeAsync(0);
      };
      return { ...screen, bottom, press };
    };

    it('says for ten seconds what was done and how to take it back', async () => {
      const { press, bottom } = working();
      await press('p');
      expect(bottom()).toBe('paused work · u undoes');
      await press('j');
      await vi.advanceTimersByTimeAsync(9900);
      expect(bottom()).toBe('paused work · u undoes');
      await vi.advanceTimersByTimeAsync(200);
      expect(bottom()).toBe('');
    });

    it('takes two toggles back one by one, whatever is selected', async () => {
      const { press, session, bottom } = working();
      await press('pjp');
      await press('u');
      expect(bottom()).toBe('undone: resumed home');
      await press('2u');
      expect(bottom()).toBe('undone: resumed work');
      await press('u');
      expect(bottom()).toBe('nothing to undo');
      expect(session.ran).toEqual([
        'account.pause work',
        'account.pause home',
        'account.resume home',
        'account.resume work',
      ]);
    });

    it('offers nothing after a failure', async () => {
      const { model, session } = open(busyState, () => Promise.reject(new Error('no such account')));
      model.press('p', plain);
      await vi.advanceTimersByTimeAsync(0);
      expect(model.frame().log.at(-1)?.trim()).toBe('no such account');
      model.press('u', plain);
      await vi.advanceTimersByTimeAsync(0);
      expect(session.ran).toEqual(['account.pause work']);
    });
  });

  describe('with a dialog', () => {
    /** A page that shows what it was given. */
    const echo =
      (given: string[]) =>
      (context: DialogContext): Dialog => ({
        lines: (_, { columns, rows }) => [`${columns}x${rows}`, ...given, 'x'.repeat(300)],
        footer: () => [{ key: 'Enter', text: 'goes on' }],
        press: (name) => {
          given.push(name);
          if (name === 'escape') context.close();
          if (name === 'y') context.copy('text');
          if (name === 't') context.tell('copied');
        },
        paste: (text) => given.push(`paste ${JSON.stringify(text)}`),
      });
    const withDialog = () => {
      const given: string[] = [];
      const copied: string[] = [];
      const called: string[] = [];
      const screen = open(busyState, undefined, undefined, {
        dialogs: { 'client.connect': echo(given) },
        copy: (text) => copied.push(text),
        onSuspend: () => called.push('suspend'),
        onRedraw: () => called.push('redraw'),
      });
      return { ...screen, given, copied, called };
    };

    it('gives it the room between header and footer, its footer, all keys and the pastes', () => {
      const { model, given, quits, session } = withDialog();
      model.press('c', plain);
      expect(model.frame().dialog?.[0]).toBe('100x28');
      expect(model.frame().dialog).toHaveLength(28);
      expect(model.frame().footer).toBe(' Enter goes on');
      model.press('qpA 1?', plain);
      model.press('', keyOf({ backspace: true }));
      model.press('', tab);
      model.press('u', keyOf({ ctrl: true }));
      model.paste('q\r\n');
      const keys = ['q', 'p', 'A', 'space', '1', '?', 'backspace', 'tab', 'ctrl+u', 'paste "q\\r\\n"'];
      expect(given).toEqual(keys);
      expect(model.frame().dialog?.slice(1, 3)).toEqual(['q', 'p']);
      expect(quits).toEqual([]);
      expect(session.ran).toEqual([]);
    });

    it('cuts its lines to the screen', () => {
      const { model } = withDialog();
      model.press('c', plain);
      model.resize({ columns: 40, rows: 8 });
      expect(model.frame().dialog).toEqual(['40x6', 'x'.repeat(40), '', '', '', '']);
    });

    it('goes back to the panes when it closes, and takes no paste then', () => {
      const { model, given, quits } = withDialog();
      model.press('c', plain);
      model.press('', escape);
      expect(model.frame().dialog).toBeNull();
      expect(model.frame().footer).toContain('q quit');
      model.paste('q');
      expect(given).toEqual(['escape']);
      expect(quits).toEqual([]);
    });

    it('leaves the keys of the program to the program', () => {
      const { model, given, quits, called } = withDialog();
      model.press('c', plain);
      for (const letter of ['c', 'z', 'l']) model.press(letter, keyOf({ ctrl: true }));
      expect(given).toEqual([]);
      expect(quits).toEqual(['ctrl+c']);
      expect(called).toEqual(['suspend', 'redraw']);
    });

    it('shows what it tells in the last line until the next key, and copies', () => {
      const { model, copied } = withDialog();
      model.press('cyt', plain);
      expect(copied).toEqual(['text']);
      expect(model.frame().dialog).toHaveLength(28);
      expect(model.frame().dialog?.at(-1)).toContain(' copied');
      expect(model.frame().dialog?.[0]).toBe('100x27');
      model.press('x', plain);
      expect(model.frame().dialog?.[0]).toBe('100x28');
    });
  });

  it('opens a dialog for the selected account, and none where there is nothing to open it for', () => {
    const opened: unknown[] = [];
    const dialogs = {
      'account.remove': (context: DialogContext): null => {
        opened.push(context.account()?.name);
        return null;
      },
    };
    const { model } = open(busyState, undefined, undefined, { dialogs });
    model.press('DjD', plain);
    expect(opened).toEqual(['work', 'home']);
    expect(model.frame().dialog).toBeNull();
  });

  it('says why a key that changes something does nothing on a screen that may only read', () => {
    const session = { ...sampleSession(busyState), readOnly: true };
    const dialogs = {
      'account.add': (): Dialog => {
        throw new Error('the form has opened');
      },
    };
    const { model } = open(busyState, undefined, undefined, { session, dialogs });
    expect(model.frame().header).toContain('READ-ONLY');
    for (const [key, what] of [
      ['p', 'pause or resume the account'],
      ['a', 'add an account'],
      ['I', 'take over accounts from Claude Code'],
      ['W', 'connect Claude Code in its settings'],
      ['R', 'sign in to a first or to this login'],
      ['r', 'read the usage'],
      ['D', 'remove the selected account'],
      ['X', 'forget its known'],
      ['s', 'prefer for new work'],
      ['S', 'choose how accounts are chosen'],
      ['u', 'undo the last change'],
    ] as const) {
      model.press(key, plain);
      expect(model.frame().log.at(-1)).toContain(`READ-ONLY: attach without --read-only to ${what}`);
    }
    expect(session.ran).toEqual([]);
    model.press('j', plain);
    expect(model.frame().log.join('')).not.toContain('READ-ONLY');
  });
});
