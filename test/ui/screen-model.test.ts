import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CcrError } from '../../source/shared/errors.ts';
import type { Commander } from '../../source/shared/session.ts';
import { asEpoch } from '../../source/shared/types.ts';
import type { State } from '../../source/store/state.ts';
import type { Dialog, DialogContext } from '../../source/ui/dialog.ts';
import { createScreenModel, type ScreenModelOptions } from '../../source/ui/screen-model.ts';
import { createTheme } from '../../source/ui/theme.ts';
import { keyOf } from './key.ts';
import { accountOf, busyState, doneRow, emptyState, now, sampleSession, windowOf } from './sample.ts';

const plain = keyOf();
const tab = keyOf({ tab: true });
const escape = keyOf({ escape: true });

const open = (
  state: State = busyState,
  run?: Commander['run'],
  busy?: () => boolean,
  more: Partial<ScreenModelOptions> = {},
) => {
  const session = sampleSession(state, run);
  const quits: string[] = [];
  let painted = 0;
  const model = createScreenModel({
    session,
    clock: { now: () => asEpoch(Date.now()), monotonic: () => performance.now() },
    theme: createTheme({ ascii: false, color: false }),
    size: { columns: 100, rows: 30 },
    onQuit: (key) => quits.push(key),
    ...(busy === undefined ? {} : { busy }),
    ...more,
  });
  model.subscribe(() => {
    painted += 1;
  });
  const marked = (): string =>
    [...model.frame().accounts, ...model.frame().requests].filter((line) => line.startsWith('>')).join('\n');
  return { session, quits, model, marked, paints: () => painted };
};

describe('createScreenModel', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('takes every letter of one input as a key', () => {
    const { model, marked } = open();
    model.press('jj', plain);
    expect(marked()).toContain('team-a');
    model.press('kkkkj', plain);
    expect(marked()).toContain('home');
  });

  it('keeps the selected request while new ones arrive', () => {
    const { model, session, marked } = open();
    model.press('', tab);
    expect(marked()).toContain('waiting');
    model.press('kk', plain);
    const selected = marked();
    expect(selected).toContain('503 refused');
    const more = Array.from({ length: 40 }, (_, i) => doneRow(20 + i));
    session.set({ ...busyState, rows: [...busyState.rows, ...more] });
    vi.advanceTimersByTime(200);
    expect(marked()).toBe(selected);
    expect(model.frame().requests[0]).toContain('42 below');
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

  it('tells every wish to leave, and leaves nothing by itself', () => {
    const { model, quits } = open();
    model.press('qq', plain);
    model.press('c', { ...plain, ctrl: true });
    expect(quits).toEqual(['q', 'q', 'ctrl+c']);
    model.setNotice('draining 2, 30 s; again = now');
    expect(model.frame().log.at(-1)).toContain('draining 2, 30 s; again = now');
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

  it('shows any number of changes at most ten times a second', () => {
    const { session, paints } = open();
    for (let i = 0; i < 1000; i += 1) {
      session.set({ ...busyState, inFlight: i });
      vi.advanceTimersByTime(1);
    }
    expect(paints()).toBeGreaterThan(7);
    expect(paints()).toBeLessThanOrEqual(11);
  });

  it('draws nothing while the terminal is not read, and the newest state when it is again', () => {
    let busy = true;
    const { session, paints, model } = open(busyState, undefined, () => busy);
    for (let i = 1; i <= 100; i += 1) {
      session.set({ ...busyState, inFlight: i });
      vi.advanceTimersByTime(100);
    }
    expect(paints()).toBe(0);
    busy = false;
    vi.advanceTimersByTime(100);
    expect(model.frame().header).toContain('100 in flight');
  });

  it('draws nothing while nothing that is shown changes', () => {
    const { session, paints } = open({
      ...emptyState,
      accounts: [accountOf('work', { windows: [windowOf('5h', 0.5, 3_600_000)] })],
    });
    for (let i = 0; i < 40; i += 1) {
      session.set({ ...session.state() });
      vi.advanceTimersByTime(1000);
    }
    expect(paints()).toBe(0);
  });

  it('ticks in minutes while much time is left and in seconds below 10 minutes', () => {
    const withReset = (leftMs: number): State => ({
      ...emptyState,
      accounts: [accountOf('work', { windows: [windowOf('5h', 0.5, leftMs)] })],
    });
    const slow = open(withReset(3_600_000));
    const fast = open(withReset(120_000));
    vi.advanceTimersByTime(50_000);
    expect(slow.paints()).toBe(0);
    expect(fast.paints()).toBe(50);
    vi.advanceTimersByTime(60_000);
    expect(slow.paints()).toBeLessThanOrEqual(4);
    expect(fast.model.frame().accounts.join('\n')).toContain(' 10s');
  });

  it('adapts to a new size', () => {
    const { model } = open();
    model.resize({ columns: 60, rows: 20 });
    expect(model.frame().layout).toMatchObject({ kind: 'narrow', columns: 60, rows: 20 });
  });

  it('stops listening and drawing when closed', () => {
    const { model, session, paints } = open();
    model.close();
    session.set(emptyState);
    vi.advanceTimersByTime(120_000);
    expect(paints()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
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
});
