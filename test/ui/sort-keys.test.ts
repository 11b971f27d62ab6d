import { describe, expect, it } from 'vitest';
import { asDuration, noTokens } from '../../source/shared/types.ts';
import { byTime, nextSort, requestSorts, sortItems, type Sort } from '../../source/ui/sort-keys.ts';
import { doneRow, liveRow } from './sample.ts';

const tokens = (input: number | null, output: number | null) => ({ ...noTokens, input, output });
const rows = [
  doneRow(1, { account: 'work', totalMs: asDuration(900), tokens: tokens(10, 5), status: 200 }),
  doneRow(2, { account: 'Home', totalMs: asDuration(90), tokens: tokens(null, null), status: 529 }),
  liveRow(3, { account: null, tokens: tokens(7000, null) }),
  doneRow(4, { account: 'work', totalMs: asDuration(21_000), tokens: tokens(300, 640), status: null }),
  liveRow(5, { account: 'home' }),
];
const order = (by: string, reversed = false): number[] =>
  sortItems(
    rows,
    requestSorts.find(({ name }) => name === by)!,
    reversed,
  ).map(({ seq }) => seq);

describe('sortItems', () => {
  it('puts the largest number first, and the smallest when reversed', () => {
    expect(order('out')).toEqual([4, 1, 2, 3, 5]);
    expect(order('out', true)).toEqual([1, 4, 2, 3, 5]);
    expect(order('status')).toEqual([2, 1, 3, 4, 5]);
  });

  it('puts what is not known last both ways, never in the place of 0', () => {
    expect(order('in')).toEqual([3, 4, 1, 2, 5]);
    expect(order('in', true)).toEqual([1, 4, 3, 2, 5]);
  });

  it('takes what still runs for slower than all that have ended, the oldest first', () => {
    expect(order('total')).toEqual([3, 5, 4, 1, 2]);
    expect(order('total', true)).toEqual([2, 1, 4, 3, 5]);
  });

  it('puts names by the alphabet, whatever case they have, and keeps the order of equal ones', () => {
    expect(order('account')).toEqual([2, 5, 1, 4, 3]);
    expect(order('account', true)).toEqual([1, 4, 2, 5, 3]);
  });

  it('leaves the list that it is given alone', () => {
    order('total');
    expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('nextSort', () => {
  it('goes round all orders, each the usual way first', () => {
    const seen: Sort[] = [];
    for (let sort = nextSort(requestSorts, byTime); ; sort = nextSort(requestSorts, sort)) {
      seen.push(sort);
      if (sort.by === byTime.by) break;
    }
    expect(seen.map(({ by }) => by)).toEqual(
      [...requestSorts.slice(1), requestSorts[0]!].map(({ name }) => name),
    );
    expect(seen.every(({ reversed }) => !reversed)).toBe(true);
    expect(nextSort(requestSorts, { by: 'gone', reversed: true })).toEqual(byTime);
  });
});

describe('requestSorts', () => {
  it('says each order in words of its own, both ways', () => {
    const words = requestSorts.flatMap((key) => key.words);
    expect(new Set(words).size).toBe(requestSorts.length * 2);
  });
});
