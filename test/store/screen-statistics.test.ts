import { expect, test } from 'vitest';
import { asEpoch } from '../../source/shared/types.ts';
import { statisticsOf, statisticsOfRows } from '../../source/store/screen-statistics.ts';
import type { RequestRow } from '../../source/store/state.ts';
import { emptyTally } from '../../source/store/tally.ts';
import { doneRow, liveRow } from '../ui/sample.ts';

const question = { since: 60_000, slotMs: 10_000, slots: 3 };
const at = (ms: number) => ({ at: asEpoch(ms), costUsd: 0.5 });

test('slots follow each other, also those in which nothing happened', () => {
  const rows: RequestRow[] = [
    doneRow(1, at(59_999)),
    doneRow(2, at(60_000)),
    doneRow(3, at(69_999)),
    liveRow(4, { at: asEpoch(80_000) }),
    doneRow(5, { ...at(80_000), account: 'home', outcome: 'error' }),
  ];
  const told = statisticsOfRows(rows, question, 'why');
  expect(told.slots.map(({ requests }) => requests)).toEqual([2, 0, 1]);
  expect(told.slots[1]?.costUsd).toBeNull();
  expect(told.total).toMatchObject({ requests: 3, errors: 1, costUsd: 1.5 });
  expect(told.accounts.map(({ key, requests }) => [key, requests])).toEqual([
    ['work', 2],
    ['home', 1],
  ]);
  expect(told.models).toHaveLength(1);
  expect(told.accounts.map(({ slots }) => slots.map((slot) => slot?.requests))).toEqual([
    [2, 0, 0],
    [0, 0, 1],
  ]);
  expect(told).toMatchObject({ since: 60_000, slotMs: 10_000, note: 'why' });
});

test('of many accounts a dozen are told one by one', () => {
  const rows = Array.from({ length: 40 }, (_, n) => doneRow(n, { ...at(60_000), account: `account-${n}` }));
  const told = statisticsOfRows(rows, question, '');
  expect([told.accounts.length, told.otherAccounts?.requests]).toEqual([12, 28]);
  expect(told.otherModels).toBeNull();
});

test('without any request there is a figure for each slot, of nothing', () => {
  const none = { all: emptyTally(), slots: emptyTally(), accounts: undefined, models: undefined };
  const told = statisticsOf(none, question);
  expect(told.slots).toHaveLength(3);
  expect(told).toMatchObject({ accounts: [], otherAccounts: null, total: { requests: 0 }, note: null });
});
