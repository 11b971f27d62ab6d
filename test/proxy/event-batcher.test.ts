import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EventBatcher } from '../../source/proxy/event-batcher.ts';
import type { ProxyEvent } from '../../source/shared/events.ts';
import {
  asDuration,
  asEpoch,
  type AccountId,
  type AccountView,
  type FinishedRequest,
  type RequestId,
} from '../../source/shared/types.ts';
import { viewOf, freshRuntime } from '../../source/balancer/account-state.ts';
import { idOf, record } from '../balancer/sample.ts';
import { numRuns } from '../kit/long-run.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const intervalMs = 50;
const at = asEpoch(1);
const requestId = (n: number | string) => `r${n}` as RequestId;

const started = (n: number | string): ProxyEvent => ({
  type: 'responseStarted',
  at,
  id: requestId(n),
  account: idOf('a'),
  accountName: 'a',
  status: 200,
  firstByteMs: asDuration(1),
});
const finished = (n: number | string): ProxyEvent => ({
  type: 'requestFinished',
  at,
  request: { id: requestId(n) } as FinishedRequest,
});
const logged = (text: string): ProxyEvent => ({ type: 'logged', at, level: 'info', text });

type Options = {
  capacity?: number;
  portion?: number;
  view?: () => AccountView | null;
  next?: () => AccountId | null;
  live?: () => ProxyEvent[];
};

const collecting = (options: Options = {}) => {
  const batches: { batch: number; events: ProxyEvent[]; atMs: number }[] = [];
  const { view = () => null, ...others } = options;
  const batcher = new EventBatcher({
    send: (batch, events) => void batches.push({ batch, events, atMs: Date.now() }),
    viewOf: view,
    next: () => null,
    live: () => [],
    now: () => at,
    intervalMs,
    ...others,
  });
  const acknowledge = (): void => batcher.acknowledged(batches.at(-1)?.batch ?? 0);
  return { batcher, batches, acknowledge, sent: () => batches.flatMap(({ events }) => events) };
};

const typesOf = (events: readonly ProxyEvent[]) => events.map(({ type }) => type);

describe('batches', () => {
  test('events of one interval go together, in the order they came', () => {
    const { batcher, batches } = collecting();
    for (const event of [started(1), logged('x'), started(2)]) batcher.emit(event);
    expect(batches).toEqual([]);
    vi.advanceTimersByTime(intervalMs);
    expect(batches.map(({ events }) => events)).toEqual([[started(1), logged('x'), started(2)]]);
    vi.advanceTimersByTime(10_000);
    expect(batches).toHaveLength(1);
  });

  test('one is under way at a time: the next waits for the acknowledgement, however long', () => {
    const { batcher, batches, acknowledge } = collecting();
    batcher.emit(logged('1'));
    vi.advanceTimersByTime(intervalMs);
    batcher.emit(logged('2'));
    vi.advanceTimersByTime(60_000);
    expect(batches).toHaveLength(1);
    acknowledge();
    vi.advanceTimersByTime(intervalMs);
    expect(batches.map(({ batch, events }) => [batch, events])).toEqual([
      [1, [logged('1')]],
      [2, [logged('2')]],
    ]);
  });

  test('an acknowledgement of another batch does not count', () => {
    const { batcher, batches } = collecting();
    batcher.emit(logged('1'));
    vi.advanceTimersByTime(intervalMs);
    batcher.emit(logged('2'));
    for (const batch of [0, 2, 99]) batcher.acknowledged(batch);
    vi.advanceTimersByTime(60_000);
    expect(batches).toHaveLength(1);
  });

  test('at most one goes out per interval, however fast they are acknowledged', () => {
    const { batcher, batches, acknowledge } = collecting();
    for (let ms = 0; ms < 1000; ms += 1) {
      batcher.emit(logged(String(ms)));
      vi.advanceTimersByTime(1);
      acknowledge();
    }
    const gaps = batches.slice(1).map(({ atMs }, n) => atMs - batches[n]!.atMs);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(intervalMs);
    expect(batches.length).toBeGreaterThan(10);
  });

  test('at the end what waits goes out at once, without waiting for anything', () => {
    const { batcher, batches } = collecting();
    batcher.emit(logged('1'));
    vi.advanceTimersByTime(intervalMs);
    batcher.emit(logged('2'));
    batcher.flush();
    batcher.flush();
    expect(batches.map(({ events }) => events)).toEqual([[logged('1')], [logged('2')]]);
    vi.advanceTimersByTime(60_000);
    expect(batches).toHaveLength(2);
  });
});

describe('a request that began and ended within one batch', () => {
  test('is told once; others keep their places', () => {
    const { batcher, sent } = collecting();
    for (const event of [started(1), started(2), logged('x'), started(1), finished(1)]) batcher.emit(event);
    vi.advanceTimersByTime(intervalMs);
    expect(sent()).toEqual([started(2), logged('x'), finished(1)]);
  });

  test('is not confused with the same request in an earlier batch', () => {
    const { batcher, sent, acknowledge } = collecting();
    batcher.emit(started(1));
    vi.advanceTimersByTime(intervalMs);
    acknowledge();
    batcher.emit(started(2));
    batcher.emit(finished(1));
    vi.advanceTimersByTime(intervalMs);
    expect(sent()).toEqual([started(1), started(2), finished(1)]);
  });
});

describe('accounts that changed', () => {
  const view = (requests: number) => viewOf(record('a'), { ...freshRuntime, requests }, at);

  test('are told once per batch, as they are when it goes', () => {
    let requests = 0;
    const { batcher, sent } = collecting({ view: () => view(requests) });
    for (requests = 0; requests < 5; requests += 1) batcher.accountDirty(idOf('a'));
    vi.advanceTimersByTime(intervalMs);
    expect(sent()).toEqual([
      { type: 'accountChanged', at, account: view(5) },
      { type: 'nextChosen', at, account: null },
    ]);
  });

  test('that were removed meanwhile make no event and no batch', () => {
    const { batcher, batches, acknowledge } = collecting();
    batcher.wake();
    batcher.flush();
    acknowledge();
    batcher.accountDirty(idOf('a'));
    vi.advanceTimersByTime(intervalMs);
    expect(batches).toHaveLength(1);
    batcher.emit(logged('still works'));
    vi.advanceTimersByTime(intervalMs);
    expect(batches).toHaveLength(2);
  });
});

describe('the account that comes next', () => {
  test('is told when it has changed, after the accounts it was chosen from', () => {
    let next: AccountId | null = null;
    const view = viewOf(record('a'), freshRuntime, at);
    const { batcher, batches, acknowledge } = collecting({ view: () => view, next: () => next });
    for (const account of [null, null, idOf('a'), idOf('a'), null]) {
      next = account;
      batcher.accountDirty(idOf('a'));
      vi.advanceTimersByTime(intervalMs);
      acknowledge();
    }
    const changed = { type: 'accountChanged', at, account: view };
    const chosen = (account: AccountId | null) => ({ type: 'nextChosen', at, account });
    expect(batches.map(({ events }) => events)).toEqual([
      [changed, chosen(null)],
      [changed],
      [changed, chosen(idOf('a'))],
      [changed],
      [changed, chosen(null)],
    ]);
  });

  test('is not looked for when neither an account nor the rules have changed', () => {
    let asked = 0;
    const next = (): null => {
      asked += 1;
      return null;
    };
    const { batcher, batches, acknowledge } = collecting({ next });
    for (let n = 0; n < 5; n += 1) {
      batcher.emit(logged('x'));
      vi.advanceTimersByTime(intervalMs);
      acknowledge();
    }
    expect([asked, batches.length]).toEqual([0, 5]);
    batcher.wake();
    vi.advanceTimersByTime(intervalMs);
    expect([asked, batches.length]).toEqual([1, 6]);
  });
});

describe('growth', () => {
  const grew = (bytes: number): ProxyEvent => {
    const tokens = { input: null, output: null, cacheRead: null, cacheWrite5m: null, cacheWrite1h: null };
    return { type: 'responseGrew', at, id: requestId(1), bytes, tokens };
  };

  test('is asked for when the batch goes: while main does not keep up nothing of it waits', () => {
    let bytes = 0;
    const { batcher, batches, acknowledge } = collecting({ live: () => [grew(bytes)] });
    for (bytes = 1; bytes < 100; bytes += 1) {
      batcher.wake();
      vi.advanceTimersByTime(intervalMs);
    }
    acknowledge();
    vi.advanceTimersByTime(intervalMs);
    const told = batches.map(({ events }) => events.filter(({ type }) => type === 'responseGrew'));
    expect(told).toEqual([[grew(1)], [grew(100)]]);
  });
});

describe('when main does not keep up', () => {
  test('what a finished request tells again goes first; no end of a request is lost below the capacity', () => {
    const capacity = 20;
    const { batcher, sent, acknowledge } = collecting({ capacity });
    batcher.emit(logged('under way'));
    vi.advanceTimersByTime(intervalMs);
    for (let n = 0; n < 10 * capacity; n += 1) batcher.emit(started(n));
    for (let n = 0; n < capacity; n += 1) batcher.emit(finished(n));
    acknowledge();
    vi.advanceTimersByTime(intervalMs);
    const ends = sent().filter(({ type }) => type === 'requestFinished');
    expect(ends).toEqual(Array.from({ length: capacity }, (_, n) => finished(n)));
    expect(sent().at(-1)).toEqual({ type: 'dropped', at, count: 9 * capacity });
  });

  test('the queue is bounded even when everything ends', () => {
    const { batcher, sent, acknowledge } = collecting({ capacity: 20 });
    batcher.emit(logged('under way'));
    vi.advanceTimersByTime(intervalMs);
    for (let n = 0; n < 1000; n += 1) batcher.emit(finished(n));
    acknowledge();
    vi.advanceTimersByTime(intervalMs);
    expect(sent().length).toBeLessThanOrEqual(42);
    expect(sent().at(-1)).toEqual({ type: 'dropped', at, count: 1000 - (sent().length - 2) });
  });

  test('what has piled up goes in portions, in order, and what is looked up now goes with the last', () => {
    const view = viewOf(record('a'), freshRuntime, at);
    const { batcher, batches, acknowledge } = collecting({
      portion: 3,
      view: () => view,
      live: () => [logged('live')],
    });
    batcher.flush();
    batcher.accountDirty(idOf('a'));
    for (const event of [started(1), ...[1, 2, 3, 4, 5].map((n) => logged(String(n)))]) batcher.emit(event);
    vi.advanceTimersByTime(intervalMs);
    expect(batches).toHaveLength(1);
    acknowledge();
    vi.advanceTimersByTime(intervalMs);
    // Its beginning waits still: it is told with the end.
    batcher.emit(started(2));
    batcher.emit(finished(2));
    acknowledge();
    vi.advanceTimersByTime(intervalMs);
    acknowledge();
    vi.advanceTimersByTime(intervalMs);
    acknowledge();
    vi.advanceTimersByTime(60_000);
    const texts = batches.map(({ events }) =>
      events.map((event) => (event.type === 'logged' ? event.text : event.type)),
    );
    expect(texts).toEqual([
      ['live'],
      ['responseStarted', '1', '2'],
      ['3', '4', '5'],
      ['requestFinished', 'live', 'accountChanged', 'nextChosen'],
    ]);
  });

  test('at the end all that has piled up goes at once', () => {
    const { batcher, batches } = collecting({ portion: 3 });
    for (let n = 0; n < 10; n += 1) batcher.emit(logged(String(n)));
    batcher.flush();
    expect(batches.map(({ events }) => events.length)).toEqual([10]);
  });

  test('what was lost is told once', () => {
    const { batcher, batches, acknowledge } = collecting({ capacity: 1 });
    for (let n = 0; n < 5; n += 1) batcher.emit(started(n));
    vi.advanceTimersByTime(intervalMs);
    acknowledge();
    batcher.emit(logged('later'));
    vi.advanceTimersByTime(intervalMs);
    expect(batches.map(({ events }) => typesOf(events))).toEqual([
      ['responseStarted', 'dropped'],
      ['logged'],
    ]);
  });
});

test('whatever happens, every event is sent in order, told by its end, or counted as dropped', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.nat(5).map((n) => ({ do: 'emit', event: started(n) }) as const) },
    { weight: 2, arbitrary: fc.nat(5).map((n) => ({ do: 'emit', event: finished(n) }) as const) },
    { weight: 1, arbitrary: fc.string().map((text) => ({ do: 'emit', event: logged(text) }) as const) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 80 }).map((ms) => ({ do: 'wait', ms }) as const) },
    { weight: 2, arbitrary: fc.constant({ do: 'acknowledge' } as const) },
    { weight: 1, arbitrary: fc.constant({ do: 'flush' } as const) },
  );
  const small = fc.integer({ min: 1, max: 30 });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), small, small, (steps, capacity, portion) => {
      const { batcher, sent, acknowledge } = collecting({ capacity, portion });
      const emitted: ProxyEvent[] = [];
      for (const each of steps) {
        if (each.do === 'emit') {
          // A copy, so that every event is one of its own.
          const event = { ...each.event };
          emitted.push(event);
          batcher.emit(event);
        } else if (each.do === 'wait') vi.advanceTimersByTime(each.ms);
        else if (each.do === 'flush') batcher.flush();
        else acknowledge();
      }
      batcher.flush();
      const told = sent().filter(({ type }) => type !== 'dropped');
      const dropped = sent().reduce((sum, event) => sum + (event.type === 'dropped' ? event.count : 0), 0);
      const places = told.map((event) => emitted.indexOf(event));
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      const untold = emitted.filter((event) => !told.includes(event));
      const retold = untold.filter(
        (event) =>
          'id' in event &&
          told.some(
            (end) =>
              end.type === 'requestFinished' &&
              end.request.id === event.id &&
              emitted.indexOf(end) > emitted.indexOf(event),
          ),
      );
      expect(dropped).toBeLessThanOrEqual(untold.length);
      expect(dropped).toBeGreaterThanOrEqual(untold.length - retold.length);
      const ends = emitted.filter(({ type }) => type !== 'responseStarted').length;
      expect(ends > capacity || ends === told.filter(({ type }) => type !== 'responseStarted').length).toBe(
        true,
      );
      vi.clearAllTimers();
    }),
    { numRuns },
  );
});
