import { describe, expect, test } from 'vitest';
import type { ProxyEvent } from '../../source/shared/events.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { priceOf } from '../../source/store/prices.ts';
import { applyEvents, initialState } from '../../source/store/reduce.ts';
import { heldRequests } from '../../source/store/selectors.ts';
import { rowLimit, type State } from '../../source/store/state.ts';
import * as sample from './samples.ts';

const {
  accountChanged,
  accountView,
  answered,
  chosen,
  dropped,
  failed,
  finished,
  grew,
  held,
  released,
  started,
} = sample;

const empty = initialState(asEpoch(1_795_000_000_000));
const fold = (...events: ProxyEvent[]): State => applyEvents(empty, events, priceOf);
const liveIds = (state: State): string[] =>
  state.rows.flatMap((row) => (row.kind === 'live' ? [row.request.id] : []));

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

  test('an answer under way tells its bytes and tokens; of a request that is not under way nothing is kept', () => {
    const before = fold(started(1), chosen(1, 'work'), answered(1, 'work'), started(2));
    const after = applyEvents(before, [grew(1, 100), grew(1, 900), grew(7, 5)], priceOf);
    expect(after.rows[0]).toMatchObject({
      kind: 'live',
      request: { bytes: 900, tokens: sample.someTokens, status: 200 },
    });
    expect(after.rows[1]).toBe(before.rows[1]);
    expect(after.rows).toHaveLength(2);
    expect(after.log).toBe(before.log);
    const done = applyEvents(after, [finished(1), grew(1, 901)], priceOf);
    expect(done.rows[0]).toMatchObject({ kind: 'finished' });
  });

  test('a request that is held tells until when, and no more when it goes on', () => {
    const until = asEpoch(1_795_000_009_000);
    const before = fold(started(1), started(2), held(1, until));
    expect(heldRequests(before)).toMatchObject([{ id: sample.requestId(1), heldUntil: until }]);
    const after = applyEvents(before, [released(1)], priceOf);
    expect(heldRequests(after)).toEqual([]);
    expect(after.rows.map(({ request }) => Object.hasOwn(request, 'heldUntil'))).toEqual([false, false]);
    expect(heldRequests(applyEvents(before, [finished(1)], priceOf))).toEqual([]);
  });

  test('a row tells whether its conversation had to move for the newest attempt', () => {
    const moved = (n: number, account: string): ProxyEvent => chosen(n, account, 1, 'moved');
    expect(fold(started(1), chosen(1, 'home'), moved(1, 'work')).rows[0]).toMatchObject({
      request: { account: 'work', moved: true },
    });
    expect(fold(started(1), moved(1, 'work'), chosen(1, 'home')).rows[0]).toMatchObject({
      request: { account: 'home', moved: false },
    });
  });

  test('a start that is told twice is one request', () => {
    const state = fold(started(1), chosen(1, 'work'), started(1), finished(1));
    expect(state).toMatchObject({ inFlight: 0, seen: 1 });
    expect(state.rows.map(({ kind }) => kind)).toEqual(['finished']);
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
      listValueUsd: 0,
      unpricedRequests: 1,
    });
    expect(state.rows.map((row) => row.kind === 'finished' && row.request.costUsd)).toEqual([
      state.totals.costUsd,
      null,
      null,
    ]);
  });

  test('money and the list value of plans are two sums', () => {
    const { totals } = fold(
      finished(1, { costKind: 'cost' }),
      finished(2, { costKind: 'list value' }),
      finished(3, { costKind: null }),
    );
    const each = (1200 * 4 + 640 * 20 + 9000 * 0.2 + 300 * 8) / 1e6;
    expect(totals.costUsd).toBeCloseTo(each, 12);
    expect(totals.listValueUsd).toBeCloseTo(2 * each, 12);
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

  test('an answer that grows shows that its request has not ended', () => {
    const state = fold(
      started(1),
      chosen(1, 'work'),
      dropped(1),
      grew(1, 5),
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

  test('are not looked for in the rows any more when no row is in doubt', () => {
    const account = accountChanged(accountView('work', { inFlight: 1 }));
    const doubted = fold(started(1), chosen(1, 'work'), dropped(1), account);
    const lookedAt = (before: State): number => {
      let looks = 0;
      const rows = new Proxy(before.rows, {
        get(all, key, receiver) {
          looks += 1;
          return Reflect.get(all, key, receiver) as unknown;
        },
      });
      applyEvents({ ...before, rows }, [account], priceOf);
      return looks;
    };
    expect(lookedAt(doubted)).toBeGreaterThan(0);
    const heard = applyEvents(doubted, [answered(1, 'work'), account], priceOf);
    expect(lookedAt(heard)).toBe(0);
    const again = applyEvents(heard, [dropped(1)], priceOf);
    expect(lookedAt(again)).toBeGreaterThan(0);
  });
});
