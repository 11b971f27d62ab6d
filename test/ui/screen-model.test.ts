import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keyOf } from './key.ts';
import { openModel as open, plain } from './open-model.ts';
import { busyState, doneRow, emptyState, now } from './sample.ts';

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
