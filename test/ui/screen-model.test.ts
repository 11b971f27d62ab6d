import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keyOf } from './key.ts';
import { openModel as open, plain } from './open-model.ts';
import { accountOf, busyState, doneRow, emptyState, now, windowOf } from './sample.ts';

const tab = keyOf({ tab: true });

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

  it('tells every wish to leave, and leaves nothing by itself', () => {
    const { model, quits } = open();
    model.press('qq', plain);
    model.press('c', { ...plain, ctrl: true });
    expect(quits).toEqual(['q', 'q', 'ctrl+c']);
    model.setNotice('draining 2, 30 s; again = now');
    expect(model.frame().log.at(-1)).toContain('draining 2, 30 s; again = now');
  });

  it('keeps on its banner what must not scroll away, until it is over', () => {
    const accounts = busyState.accounts.map((each) => ({ ...each, state: 'paused' as const, paused: true }));
    const { model, session } = open();
    expect(model.frame().banner).toEqual([]);
    session.set({ ...busyState, accounts });
    vi.advanceTimersByTime(200);
    model.press('j?', plain);
    expect(model.frame().banner[0]).toContain('✗ no account can serve: all are paused; p on one resumes it');
    model.setLost('gone');
    model.press('?jjL', plain);
    vi.advanceTimersByTime(3_600_000);
    expect(model.frame().banner[0]).toContain('connection lost, trying again (q leaves): gone');
    model.setLost(null);
    session.set(busyState);
    vi.advanceTimersByTime(200);
    expect(model.frame().banner).toEqual([]);
  });

  it('draws less while the terminal has no focus, and at once when it has it again', () => {
    // Nine minutes are left: seconds are counted.
    const accounts = [accountOf('work', { windows: [windowOf('5h', 0.5, 540_000)] })];
    const { model, session, paints } = open({ ...emptyState, accounts });
    vi.advanceTimersByTime(10_000);
    expect(paints()).toBeGreaterThanOrEqual(9);
    model.hear({ kind: 'focus', focused: false });
    const before = paints();
    vi.advanceTimersByTime(60_000);
    expect(paints() - before).toBeLessThanOrEqual(7);
    for (let n = 0; n < 50; n += 1) {
      session.set({ ...emptyState, accounts, rows: [doneRow(n)], seen: n + 1 });
      vi.advanceTimersByTime(100);
    }
    expect(paints() - before).toBeLessThanOrEqual(13);
    session.set({ ...emptyState, accounts: [] });
    model.hear({ kind: 'focus', focused: true });
    expect(model.frame().accounts.join('\n')).toContain('No account yet');
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

  it('holds the requests still while they are frozen, and says how many came since', () => {
    const { model, session } = open();
    model.press('2 ', plain);
    const frozen = model.frame().requests;
    expect(frozen[0]).toContain('FROZEN · 0 new');
    const rows = Array.from({ length: 1000 }, (_, i) => doneRow(9 + i));
    session.set({ ...busyState, rows, seen: 1008 });
    vi.advanceTimersByTime(5000);
    expect(model.frame().requests.slice(1)).toEqual(frozen.slice(1));
    expect(model.frame().requests[0]).toContain('FROZEN · 1,000 new');
    model.press(' ', plain);
    expect(model.frame().requests[0]).toContain('FOLLOW');
    expect(model.frame().requests.slice(1)).not.toEqual(frozen.slice(1));
  });
});
