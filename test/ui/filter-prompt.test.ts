import { describe, expect, it } from 'vitest';
import { askFilter } from '../../source/ui/filter-prompt.ts';
import type { ListFilter } from '../../source/ui/request-list.ts';
import { firstView, type View } from '../../source/ui/view.ts';
import { busyState } from './sample.ts';

const ask = (before: ListFilter | null = null) => {
  let view: View = { ...firstView, list: { ...firstView.list, filter: before } };
  const kept: (string | undefined)[] = [];
  const question = askFilter({
    state: () => busyState,
    view: () => view,
    set: (filter) => {
      view = { ...view, list: { ...view.list, filter } };
    },
    kept: (filter) => kept.push(filter?.text),
    history: [],
  });
  return { ...question, kept, filter: () => view.list.filter };
};

describe('askFilter', () => {
  it('offers what may follow instead of complaining of a word that is not finished', () => {
    const { words } = ask();
    expect(words('account:').problem).toBeNull();
    expect(words('account:').candidates.map(({ shown }) => shown)).toContain('work');
    expect(words('account:work is:err')).toMatchObject({ problem: null, candidates: [{ shown: 'error' }] });
    expect(words('account:work is:erx').problem).toMatchObject({ column: 17 });
    expect(words('is:x account:w').problem).toMatchObject({ column: 4 });
    expect(words('ms>').problem).toMatchObject({ column: 4 });
    expect(words('is:error account').candidates).toHaveLength(1);
    expect(words('(is:error').problem).toEqual({ column: 1, message: 'this ( is never closed' });
  });

  it('takes Enter for no answer while something is missing', () => {
    const { enter, kept, filter } = ask();
    expect(enter('account:')).toMatchObject({ column: 9 });
    expect([kept, filter()]).toEqual([[], null]);
    expect(enter('account:work')).toBeNull();
    expect([kept, filter()?.text]).toEqual([['account:work'], 'account:work']);
  });

  it('goes on filtering by what could be read last, and turns a filter on to change it', () => {
    const off = { text: 'is:error', wants: () => false, on: false };
    const { typed, filter, cancel, initial } = ask(off);
    expect(initial).toBe('is:error');
    expect(filter()).toMatchObject({ text: 'is:error', on: true });
    typed?.('is:error |');
    expect(filter()?.text).toBe('is:error');
    typed?.('is:error stat');
    typed?.('is:error stat>1');
    expect(filter()?.text).toBe('is:error');
    typed?.('(is:error stat>1');
    expect(filter()?.text).toBe('is:error');
    typed?.('is:error | is:retry');
    expect(filter()?.text).toBe('is:error | is:retry');
    cancel?.();
    expect(filter()).toBe(off);
  });

  it('says what can be typed, and which keys end it', () => {
    const { words } = ask();
    expect(words('').hint).toContain('account:work status>=400');
    expect(words('is:error').hint).toBe('Enter keeps it, Esc goes back');
  });
});
