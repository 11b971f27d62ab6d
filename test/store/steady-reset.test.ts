import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns } from '../kit/long-run.ts';
import type { ProxyEvent } from '../../source/shared/events.ts';
import { asEpoch, type EpochMs } from '../../source/shared/types.ts';
import { priceOf } from '../../source/store/prices.ts';
import { applyEvents } from '../../source/store/reduce.ts';
import { steadyMoment } from '../../source/store/steady-reset.ts';
import { accountId, accountView } from './samples.ts';
import { after, fold, second, view } from './story.ts';
import { windowAt } from './trend-samples.ts';

const told = (resetsAt: number, at = 0, id = '5h') =>
  windowAt(after(at), 0.2, { id, resetsAt: after(resetsAt) });
const seen = (resetsAt: number, at: number, id = '5h'): ProxyEvent => ({
  type: 'limitsSeen',
  at: after(at),
  account: accountId('work'),
  windows: [told(resetsAt, at, id)],
});
const resets = (state: ReturnType<typeof fold>) => state.accounts[0]?.windows.map(({ resetsAt }) => resetsAt);

test('a reset that the server tells some seconds later is the one that was counted down to', () => {
  const state = fold(view(0, 'work', { windows: [told(600 * second)] }), seen(659 * second, 1));
  expect(resets(state)).toEqual([after(600 * second)]);
  const next = applyEvents(state, [view(2, 'work', { windows: [told(601 * second, 2)] })], priceOf);
  expect(resets(next)).toEqual([after(600 * second)]);
});

test('one that is a minute later, or any earlier, is taken at once, and so is one of another window', () => {
  const first = view(0, 'work', { windows: [told(600 * second)] });
  expect(resets(fold(first, seen(660 * second, 1)))).toEqual([after(660 * second)]);
  expect(resets(fold(first, seen(599 * second, 1)))).toEqual([after(599 * second)]);
  expect(resets(fold(first, seen(601 * second, 1, '7d')))).toEqual([
    after(600 * second),
    after(601 * second),
  ]);
});

test('many small steps do not add up to a promise that comes too early', () => {
  const steps = Array.from({ length: 20 }, (_, n) => seen((600 + 10 * n) * second, n + 1));
  expect(resets(fold(view(0, 'work', { windows: [told(600 * second)] }), ...steps))).toEqual([
    after(780 * second),
  ]);
});

test('when the account serves again is as steady, while the limit lasts', () => {
  const at = (state: 'limited' | 'benched', until: number, ms: number) =>
    view(ms, 'work', { state, reason: null, availableAt: after(until) });
  const until = (...events: Parameters<typeof fold>) => fold(...events).accounts[0]?.availableAt;
  expect(until(at('limited', 60 * second, 0), at('limited', 61 * second, 1))).toBe(after(60 * second));
  // Another refusal, another rest.
  expect(until(at('benched', 4 * second, 0), at('benched', 8 * second, 1))).toBe(after(8 * second));
});

test('nothing is kept of what is as it was', () => {
  const account = accountView('work', { windows: [told(600 * second)] });
  const state = fold({ type: 'accountChanged', at: after(0), account });
  expect(state.accounts[0]).toBe(account);
});

test('whatever a server tells and when: up it goes by a minute or not at all, as long as it counts', () => {
  const moment = fc.integer({ min: 0, max: 300 }).map((n) => asEpoch(n * second));
  const tale = fc.array(fc.record({ ms: fc.integer({ min: 0, max: 20 * second }), resetsAt: moment }));
  fc.assert(
    fc.property(tale, (steps) => {
      let at = asEpoch(0);
      let shown: EpochMs | null = null;
      for (const { ms, resetsAt } of steps) {
        at = asEpoch(at + ms);
        const next = steadyMoment(shown, resetsAt, at);
        const up = shown !== null && shown > at ? (next ?? 0) - shown : 0;
        expect(up <= 0 || up >= 60 * second).toBe(true);
        expect(Math.abs((next ?? 0) - resetsAt)).toBeLessThan(60 * second);
        shown = next;
      }
    }),
    { numRuns },
  );
});
