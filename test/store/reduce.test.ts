import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProxyEvent } from '../../source/shared/events.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { priceOf } from '../../source/store/prices.ts';
import { applyEvents, initialState } from '../../source/store/reduce.ts';
import { logLimit, rowLimit, type State } from '../../source/store/state.ts';
import * as sample from './samples.ts';

const { accountChanged, accountView, answered, chosen, dropped, failed, finished, logged, started } = sample;

const empty = initialState(asEpoch(1_795_000_000_000));
const fold = (...events: ProxyEvent[]): State => applyEvents(empty, events, priceOf);
const liveIds = (state: State): string[] =>
  state.rows.flatMap((row) => (row.kind === 'live' ? [row.request.id] : []));

const deepFreeze = <Value>(value: Value): Value => {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
};

describe('requests', () => {
  test('a live row grows with its events and becomes the finished row in place, keeping its number', () => {
    const before = fold(
      started(1),
      chosen(1, 'home'),
      failed(1, 'home'),
      chosen(1, 'work'),
      answered(1, 'work'),
    );
    expect(before.rows[0]).toMatchObject({
      kind: 'live',
      seq: 1,
      request: {
        account: 'work',
        status: 200,
        firstByteMs: 410,
        failures: [{ account: 'home', status: 429, verdict: 'limited', window: '5h', ms: 90 }],
      },
    });
    expect(before.inFlight).toBe(1);
    const after = applyEvents(before, [started(2), finished(1)], priceOf);
    expect(after.rows.map(({ kind, seq, request }) => [kind, seq, request.id])).toEqual([
      ['finished', 1, sample.requestId(1)],
      ['live', 2, sample.requestId(2)],
    ]);
    expect(after.inFlight).toBe(1);
    expect(after.seen).toBe(2);
  });

  test('an end without a start makes a row and takes nothing off the count in flight', () => {
    const state = fold(started(1), finished(2));
    expect(state.rows.map(({ kind, seq }) => [kind, seq])).toEqual([
      ['live', 1],
      ['finished', 2],
    ]);
    expect(state).toMatchObject({ inFlight: 1, seen: 2 });
  });

  test('totals count outcomes other than ok, attempts beyond the first, known tokens and known prices', () => {
    const unknown = { input: null, output: null, cacheRead: null, cacheWrite5m: null, cacheWrite1h: null };
    const state = fold(
      finished(1),
      finished(2, { outcome: 'rejected', attempts: [], tokens: unknown }),
      finished(3, { upstreamModel: 'model-of-no-price', attempts: [] }),
    );
    expect(state.totals).toEqual({
      requests: 3,
      errors: 1,
      retries: 1,
      inputTokens: 2400,
      outputTokens: 1280,
      cacheReadTokens: 18_000,
      costUsd: (1200 * 4 + 640 * 20 + 9000 * 0.2 + 300 * 8) / 1e6,
    });
    expect(state.rows.map((row) => row.kind === 'finished' && row.request.costUsd)).toEqual([
      state.totals.costUsd,
      null,
      null,
    ]);
  });

  test('the oldest finished rows make room; a stream that outlives them stays', () => {
    const events = [started(0), chosen(0, 'work')];
    for (let n = 1; n <= rowLimit + 50; n += 1) events.push(started(n), finished(n));
    const state = fold(...events);
    expect(state.rows).toHaveLength(rowLimit);
    expect(liveIds(state)).toEqual([sample.requestId(0)]);
    expect(state.rows[1]?.seq).toBe(53);
    expect(state.rows.at(-1)?.seq).toBe(rowLimit + 51);
    expect(state.seen).toBe(rowLimit + 51);
  });

  test('live rows alone are bounded too, and the count in flight stays the count of live rows', () => {
    const state = fold(...Array.from({ length: rowLimit + 7 }, (_, n) => started(n)));
    expect(state.rows).toHaveLength(rowLimit);
    expect(state.inFlight).toBe(rowLimit);
    expect(state.rows[0]?.request.id).toBe(sample.requestId(7));
  });

  test('a worker that starts anew ends the live rows of its predecessor', () => {
    const state = fold(started(1), started(2), finished(1), sample.listening);
    expect(state).toMatchObject({ inFlight: 0, url: 'http://127.0.0.1:4180', seen: 2 });
    expect(state.rows.map(({ kind }) => kind)).toEqual(['finished']);
  });
});

describe('lost events', () => {
  test('are counted', () => {
    expect(fold(dropped(3), dropped(4)).dropped).toBe(7);
  });

  test("a live row whose end was lost goes once the account's own count shows that it has ended", () => {
    const before = fold(
      accountChanged(accountView('work', { inFlight: 2 })),
      started(1),
      chosen(1, 'work'),
      started(2),
      chosen(2, 'work'),
      dropped(1),
    );
    expect(before.inFlight).toBe(2);
    const after = applyEvents(
      before,
      [answered(2, 'work'), accountChanged(accountView('work', { inFlight: 1 }))],
      priceOf,
    );
    expect(liveIds(after)).toEqual([sample.requestId(2)]);
    expect(after.inFlight).toBe(1);
  });

  test('a live row of which something was heard since stays, whatever the account says', () => {
    const state = fold(
      started(1),
      chosen(1, 'work'),
      dropped(1),
      answered(1, 'work'),
      accountChanged(accountView('work', { inFlight: 0 })),
    );
    expect(liveIds(state)).toEqual([sample.requestId(1)]);
  });

  test('a live row without an account goes at once, and its end makes a row again', () => {
    const state = fold(started(1), dropped(1));
    expect(state).toMatchObject({ rows: [], inFlight: 0 });
    expect(applyEvents(state, [finished(1)], priceOf)).toMatchObject({
      inFlight: 0,
      totals: { requests: 1 },
    });
  });
});

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
});

test('the log keeps the newest sentences, numbered on', () => {
  const state = fold(...Array.from({ length: logLimit + 3 }, (_, n) => logged(`sentence ${n}`)));
  expect(state.log).toHaveLength(logLimit);
  expect(state.log[0]).toMatchObject({ seq: 4, text: 'sentence 3' });
  expect(state.log.at(-1)?.seq).toBe(logLimit + 3);
});

test('an event of a newer version is passed over', () => {
  const unknown = { type: 'toString', at: 0 } as unknown as ProxyEvent;
  expect(fold(unknown, started(1))).toEqual(fold(started(1)));
});

describe('as a fold', () => {
  test('no events give the very same state', () => {
    const state = fold(started(1));
    expect(applyEvents(state, [], priceOf)).toBe(state);
  });

  test('one batch or any split of it gives the same state, and no given state is changed', () => {
    fc.assert(
      fc.property(
        fc.array(sample.anyEvent, { maxLength: 120 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (events, sizes) => {
          const whole = applyEvents(deepFreeze(structuredClone(empty)), events, priceOf);
          let state = empty;
          let turn = 0;
          for (let from = 0; from < events.length; turn += 1) {
            const size = sizes[turn % sizes.length]!;
            state = deepFreeze(applyEvents(state, events.slice(from, from + size), priceOf));
            from += size;
          }
          expect(state).toEqual(whole);
          expect(state.inFlight).toBe(liveIds(state).length);
          expect(state.totals.requests).toBe(events.filter(({ type }) => type === 'requestFinished').length);
          const seqs = state.rows.map(({ seq }) => seq);
          expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('the split makes no difference when rows have to make room either', () => {
    const events: ProxyEvent[] = [];
    for (let n = 0; n < rowLimit + 40; n += 1) events.push(started(n), chosen(n, 'work'));
    for (let n = 0; n < 30; n += 1) events.push(finished(n * 7), started(5000 + n), finished(9000 + n));
    const whole = fold(...events);
    const one = events.reduce((state, event) => applyEvents(state, [event], priceOf), empty);
    expect(one).toEqual(whole);
  });

  test('2,000 events a second in batches of 100 take less than a tenth of a core', () => {
    let state = fold(...Array.from({ length: 300 }, (_, n) => started(1_000_000 + n)));
    const seconds = 5;
    const before = process.cpuUsage();
    for (let batch = 0; batch < 20 * seconds; batch += 1) {
      const events: ProxyEvent[] = [];
      for (let n = batch * 25; n < (batch + 1) * 25; n += 1) {
        events.push(started(n), chosen(n, 'work'), answered(n, 'work'), finished(n));
      }
      state = applyEvents(state, events, priceOf);
    }
    const { user, system } = process.cpuUsage(before);
    const share = (user + system) / 1e6 / seconds;
    if (process.env['CCR_SHOW_FIGURES'] === '1') console.log(`fold: ${(share * 100).toFixed(2)} % of a core`);
    expect(state.totals.requests).toBe(500 * seconds);
    expect(share).toBeLessThan(0.1);
  });
});
