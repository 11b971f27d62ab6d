import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CcrError } from '../../source/shared/errors.ts';
import type { Commander } from '../../source/shared/session.ts';
import { asEpoch } from '../../source/shared/types.ts';
import type { State } from '../../source/store/state.ts';
import type { Key } from '../../source/ui/keymap.ts';
import { createScreenModel } from '../../source/ui/screen-model.ts';
import { createTheme } from '../../source/ui/theme.ts';
import { accountOf, busyState, doneRow, emptyState, now, sampleSession, windowOf } from './sample.ts';

const plain: Key = {
  ctrl: false,
  meta: false,
  shift: false,
  tab: false,
  escape: false,
  return: false,
  upArrow: false,
  downArrow: false,
};
const tab = { ...plain, tab: true };
const escape = { ...plain, escape: true };

const open = (state: State = busyState, run?: Commander['run'], busy?: () => boolean) => {
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
    expect(model.frame().log).toContain('no account work; see ccr-tui account list');
    model.press('j', plain);
    expect(model.frame().log).toContain('team-a reached its 5h limit');
  });

  it('tells every wish to leave, and leaves nothing by itself', () => {
    const { model, quits } = open();
    model.press('qq', plain);
    model.press('c', { ...plain, ctrl: true });
    expect(quits).toEqual(['q', 'q', 'ctrl+c']);
    model.setNotice('draining 2, 30 s; again = now');
    expect(model.frame().log).toContain('draining 2, 30 s; again = now');
  });

  it('closes the help with q, Esc and ?, and leaves with ctrl+c from there', () => {
    const { model, quits, session } = open();
    for (const [text, key] of [
      ['q', plain],
      ['', escape],
      ['?', plain],
    ] as const) {
      model.press('?', plain);
      expect(model.frame().help).toBe(true);
      model.press(text, key);
      expect(model.frame().help).toBe(false);
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
});
