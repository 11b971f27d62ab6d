import { describe, expect, test } from 'vitest';
import type { ProxyEvent } from '../../source/shared/events.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { priceOf } from '../../source/store/prices.ts';
import { applyEvents, initialState } from '../../source/store/reduce.ts';
import type { State } from '../../source/store/state.ts';
import * as sample from './samples.ts';
import { windowAt } from './trend-samples.ts';

const { accountChanged, accountView } = sample;

const empty = initialState(asEpoch(1_795_000_000_000));
const fold = (...events: ProxyEvent[]): State => applyEvents(empty, events, priceOf);

describe('accounts', () => {
  test('the newest view of an account replaces the older one; order is priority, then name', () => {
    const state = fold(
      accountChanged(accountView('work')),
      accountChanged(accountView('relay', { priority: 300 })),
      accountChanged(accountView('home')),
      accountChanged(accountView('last', { priority: 100 })),
      accountChanged(accountView('work', { paused: true, state: 'paused' })),
    );
    expect(state.accounts.map(({ name, paused }) => [name, paused])).toEqual([
      ['last', false],
      ['home', false],
      ['work', true],
      ['relay', false],
    ]);
  });

  test('a renamed account moves to its new place, a removed one goes', () => {
    const renamed = { ...accountView('work'), name: 'a-new-name' };
    const state = fold(
      accountChanged(accountView('home')),
      accountChanged(accountView('work')),
      accountChanged(renamed),
    );
    expect(state.accounts.map(({ name }) => name)).toEqual(['a-new-name', 'home']);
    const removed = { type: 'accountRemoved', at: asEpoch(0), account: renamed.id } as const;
    expect(applyEvents(state, [removed], priceOf).accounts.map(({ name }) => name)).toEqual(['home']);
  });

  test('limits replace the windows of the same id and scope and leave the others', () => {
    const window = (id: string, scope: string | null, utilization: number) => ({
      id,
      scope,
      utilization,
      status: 'allowed',
      resetsAt: null,
      source: 'header' as const,
      seenAt: asEpoch(1),
    });
    const state = fold(
      accountChanged(accountView('work', { windows: [window('5h', null, 0.1), window('7d', null, 0.2)] })),
      {
        type: 'limitsSeen',
        at: asEpoch(2),
        account: sample.accountId('work'),
        windows: [window('7d', null, 0.3), window('7d', 'opus', 0.9)],
      },
    );
    expect(state.accounts[0]?.windows.map(({ id, scope, utilization }) => [id, scope, utilization])).toEqual([
      ['5h', null, 0.1],
      ['7d', null, 0.3],
      ['7d', 'opus', 0.9],
    ]);
  });

  test('the account that is next is the one last told, and none once that is removed', () => {
    const next = (name: string | null): ProxyEvent => ({
      type: 'nextChosen',
      at: asEpoch(3),
      account: name === null ? null : sample.accountId(name),
    });
    const removed = (name: string): ProxyEvent => ({
      type: 'accountRemoved',
      at: asEpoch(4),
      account: sample.accountId(name),
    });
    const both = [accountChanged(accountView('home')), accountChanged(accountView('work'))];
    expect(fold(...both).next).toBeNull();
    expect(fold(...both, next('home'), next('work')).next).toBe(sample.accountId('work'));
    expect(fold(...both, next('work'), next(null)).next).toBeNull();
    expect(fold(...both, next('work'), removed('work')).next).toBeNull();
    expect(fold(...both, next('work'), removed('home')).next).toBe(sample.accountId('work'));
  });
});

test('what is told of windows, by answers or by a view, makes their trends, which go with the account', () => {
  const at = Date.parse('2026-11-20T10:00:00Z');
  const told = (used: number, seenAt: number) => windowAt(seenAt, used);
  const account = sample.accountId('work');
  const state = fold(
    accountChanged(accountView('work', { windows: [told(0.1, at)] })),
    { type: 'limitsSeen', at: asEpoch(at + 1), account, windows: [told(0.2, at + 1)] },
    accountChanged(accountView('work', { windows: [told(0.2, at + 1)] })),
    sample.finished(1, { accountId: account }),
  );
  expect(state.use.trends.map(({ readings }) => readings.map(({ used }) => used))).toEqual([[0.1, 0.2]]);
  expect(state.use.servedUsd).toEqual({ [account]: state.totals.costUsd });
  const gone = applyEvents(state, [{ type: 'accountRemoved', at: asEpoch(at), account }], priceOf);
  expect(gone.use).toEqual({ trends: [], servedUsd: {} });
  // What it still served when it was taken away is nobody's.
  const late = applyEvents(
    gone,
    [
      { type: 'limitsSeen', at: asEpoch(at + 2), account, windows: [told(0.3, at + 2)] },
      sample.finished(2, { accountId: account }),
    ],
    priceOf,
  );
  expect(late.use).toEqual({ trends: [], servedUsd: {} });
  expect(late.totals.requests).toBe(2);
});
