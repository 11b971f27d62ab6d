import { expect, test } from 'vitest';
import { asDuration } from '../../source/shared/types.ts';
import { accountErrors } from '../../source/store/account-errors.ts';
import { accountOf, busyState, doneRow, later, liveRow, troubleState } from '../ui/sample.ts';

const errorsOf = (state: typeof busyState, name: string, most = 10) =>
  accountErrors(state, accountOf(name), most).map(({ status, word, window, error, passedTo }) => [
    status,
    word,
    window,
    error,
    passedTo,
  ]);

test('what another account took over and what ended badly is there, the newest first, each once', () => {
  expect(errorsOf(troubleState, 'relay')).toEqual([
    [529, 'busy', null, null, null],
    [529, 'busy', null, 'overloaded_error: Overloaded, please try again in a moment', null],
    [529, 'busy', null, null, 'work'],
  ]);
  expect(errorsOf(troubleState, 'team-a')[0]).toEqual([429, 'limited', '5h', null, 'relay']);
  expect(errorsOf(busyState, 'work')).toEqual([
    [200, 'cut', null, 'upstream closed the stream', null],
    [529, 'busy', null, 'overloaded_error: Overloaded', null],
  ]);
});

test('a request that went well, one that its client left, and one that nobody served are no error of it', () => {
  const rows = [
    doneRow(1),
    doneRow(2, { outcome: 'aborted', status: null }),
    doneRow(3, { account: null, accountId: null, outcome: 'rejected', status: 503, attempts: [] }),
    liveRow(4),
  ];
  expect(errorsOf({ ...busyState, rows }, 'work')).toEqual([]);
});

test('an account that was renamed keeps the errors of its requests, and no more are told than are asked for', () => {
  const failed = (seq: number) =>
    doneRow(seq, { account: 'old', attempts: [], outcome: 'error', status: 500, at: later(seq) });
  const rows = [1, 2, 3].map(failed);
  const work = accountErrors({ rows }, accountOf('work'), 2);
  expect(work.map(({ at }) => at)).toEqual([later(3), later(2)]);
});

test('of an attempt without an answer the status is unknown', () => {
  const lost = { account: 'work', status: null, verdict: 'unreachable', window: null, ms: asDuration(9) };
  const rows = [doneRow(1, { account: 'home', attempts: [lost] })];
  expect(errorsOf({ ...busyState, rows }, 'work')).toEqual([[null, 'no answer', null, null, 'home']]);
});
