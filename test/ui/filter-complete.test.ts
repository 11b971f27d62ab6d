import { describe, expect, it } from 'vitest';
import { kinds } from '../../source/store/filter-fields.ts';
import { parseFilter } from '../../source/store/filter.ts';
import { filterCandidates } from '../../source/ui/filter-complete.ts';
import { accountOf, busyState, doneRow } from './sample.ts';

const state = {
  accounts: [...busyState.accounts, accountOf('my work'), accountOf('a"b\\c')],
  rows: [...busyState.rows, doneRow(9, { model: 'claude-opus-4-5', client: 'laptop' })],
};
const shown = (text: string): string[] => filterCandidates(text, state).map((each) => each.shown);
const texts = (text: string): string[] => filterCandidates(text, state).map((each) => each.text);

describe('filterCandidates', () => {
  it('completes a field, and then what it is now', () => {
    expect(shown('ac')).toEqual(['account:']);
    expect(shown('st')).toEqual(['stop:', 'status>=']);
    expect(shown('account:')).toEqual(['a"b\\c', 'home', 'my work', 'spare', 'team-a', 'work']);
    expect(texts('is:error account:te')).toEqual(['is:error account:team-a']);
    expect(shown('is:').toSorted()).toEqual(Object.keys(kinds).toSorted());
    expect(shown('model:CLAUDE-O')).toEqual(['claude-opus-4-5']);
    expect(shown('status:')).toEqual(['200', '503', '529']);
    expect(shown('stop:')).toEqual(['end_turn']);
    expect(shown('outcome!=t')).toEqual(['truncated']);
  });

  it('goes on behind a not, an or and a bracket', () => {
    expect(texts('!acc')).toEqual(['!account:']);
    expect(texts('is:error|(acc')).toEqual(['is:error|(account:']);
  });

  it('puts a value that would end too early in quotes, so that it can be read again', () => {
    for (const text of texts('account:')) expect(parseFilter(text).ok).toBe(true);
    expect(texts('account:my')).toEqual(['account:"my work"']);
  });

  it('offers nothing where nothing was begun, in a quoted text, and for what is whole', () => {
    expect(shown('')).toEqual([]);
    expect(shown('is:error ')).toEqual([]);
    expect(shown('account:"my wo')).toEqual([]);
    expect(shown('is:error')).toEqual([]);
    expect(shown('ms>5')).toEqual([]);
    expect(shown('toString:')).toEqual([]);
  });

  it('offers no more than can be looked through', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => doneRow(i, { model: `m${i}` }));
    expect(filterCandidates('model:m', { ...state, rows })).toHaveLength(30);
  });
});
