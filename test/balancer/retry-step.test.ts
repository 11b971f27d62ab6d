import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge, type VerdictKind } from '../../source/balancer/retry-policy.ts';
import { retryStep, type AttemptPhase, type Situation } from '../../source/balancer/retry-step.ts';
import { numRuns } from '../kit/long-run.ts';
import { fixture, now, reading } from './sample.ts';

/** After one attempt that failed, with everything to go on with. */
const good: Situation = {
  verdict: 'failed',
  phase: 'answered',
  verdicts: ['failed'],
  isWaited: true,
  replayable: true,
  isKept: true,
  isOtherReady: true,
  mayAskAgain: true,
  hasBudget: true,
  random: 0.5,
};

const elsewhere = { kind: 'elsewhere', isFree: false, mayRunTwice: false } as const;
const forFree = { ...elsewhere, isFree: true } as const;
const twice = { ...elsewhere, mayRunTwice: true } as const;
const giveUp = { kind: 'give-up' } as const;
const same = { kind: 'same', afterMs: 500 } as const;

const limited = fixture('unified-rejected-5h').headers;
const pace = { ...fixture('unified-allowed').headers, 'retry-after': '7' };

/** What an attempt came to: a status with its headers, or how far it got without an answer. */
type Came = { status: number; headers?: Record<string, string> } | { phase: 'unsent' | 'sent' };

const afterAttempts = (attempts: readonly Came[], changes: Partial<Situation> = {}) => {
  const verdicts = attempts.map((came) =>
    'status' in came ? judge(came.status, reading(came.headers ?? {}), now).kind : 'unreachable',
  );
  const last = attempts.at(-1)!;
  const phase = 'status' in last ? 'answered' : last.phase;
  return retryStep({ ...good, verdict: verdicts.at(-1)!, phase, verdicts, ...changes });
};

const other = { isOtherReady: true } as const;
const nobody = { isOtherReady: false } as const;
const broke = { hasBudget: false } as const;
const once = { replayable: false } as const;

describe('the table: what came of the newest attempt, and what there is to go on with', () => {
  test.each([
    // status or how far it came, and what follows with another account ready, with nobody ready, without budget, and
    // for what must not run twice
    ['200', { status: 200 }, giveUp, giveUp, giveUp, giveUp],
    ['400', { status: 400 }, giveUp, giveUp, giveUp, giveUp],
    ['403', { status: 403 }, giveUp, giveUp, giveUp, giveUp],
    ['404', { status: 404 }, giveUp, giveUp, giveUp, giveUp],
    ['413', { status: 413 }, giveUp, giveUp, giveUp, giveUp],
    ['422', { status: 422 }, giveUp, giveUp, giveUp, giveUp],
    ['401', { status: 401 }, forFree, giveUp, forFree, forFree],
    ['429, a window is spent', { status: 429, headers: limited }, forFree, giveUp, forFree, giveUp],
    ['429, pace', { status: 429, headers: pace }, forFree, giveUp, forFree, giveUp],
    ['429, this request only', { status: 429 }, elsewhere, giveUp, giveUp, giveUp],
    ['500', { status: 500 }, elsewhere, giveUp, giveUp, giveUp],
    ['502', { status: 502 }, elsewhere, giveUp, giveUp, giveUp],
    ['503', { status: 503 }, elsewhere, giveUp, giveUp, giveUp],
    ['504', { status: 504 }, elsewhere, giveUp, giveUp, giveUp],
    ['529', { status: 529 }, elsewhere, same, giveUp, giveUp],
    ['no connection', { phase: 'unsent' }, elsewhere, giveUp, giveUp, giveUp],
    ['no answer', { phase: 'sent' }, twice, giveUp, giveUp, giveUp],
  ] as const)('%s', (_, came, ...steps) => {
    const [withOther, withNobody, withoutBudget, notTwice] = steps;
    expect(afterAttempts([came], other)).toEqual(withOther);
    expect(afterAttempts([came], nobody)).toEqual(withNobody);
    expect(afterAttempts([came], broke)).toEqual(withoutBudget);
    expect(afterAttempts([came], { ...nobody, ...broke })).toEqual(giveUp);
    expect(afterAttempts([came], once)).toEqual(notTwice);
    for (const gone of [{ isWaited: false }, { isKept: false }])
      expect(afterAttempts([came], gone)).toEqual(giveUp);
  });

  const spent = { status: 429, headers: limited };
  const overloaded = { status: 529 };
  test.each([
    ['the third costly attempt is the last', [overloaded, { status: 500 }, { phase: 'sent' }], other, giveUp],
    ['and the second is not', [overloaded, { status: 500 }], other, elsewhere],
    ['also on the same account', [overloaded, { status: 500 }, overloaded], nobody, giveUp],
    ['spent windows count for nothing', [spent, spent, spent, spent, overloaded], other, elsewhere],
    ['but for ten accounts in all', Array.from({ length: 10 }, () => spent), other, giveUp],
    ['nine of them are not too many', Array.from({ length: 9 }, () => spent), other, forFree],
    ['a refused key costs nothing, either', [{ status: 401 }, { status: 401 }, overloaded], other, elsewhere],
    ['a batch may follow a refused key alone', [{ status: 401 }, spent], once, giveUp],
    ['what has begun to reach the client ends it', [{ status: 200 }, overloaded], other, giveUp],
  ] as const)('%s', (_, attempts, changes, step) => {
    expect(afterAttempts(attempts, changes)).toEqual(step);
  });
});

test('an account that had nothing to send it with was not asked: it costs nothing, and the next one is', () => {
  const unasked: Situation = { ...good, verdict: 'unauthorized', phase: 'unsent', verdicts: [] };
  expect(retryStep({ ...unasked, hasBudget: false })).toEqual(forFree);
  expect(retryStep({ ...unasked, verdicts: ['failed', 'failed'] })).toEqual(forFree);
  expect(retryStep({ ...unasked, replayable: false })).toEqual(forFree);
});

describe('an overload', () => {
  const alone: Situation = { ...good, verdict: 'overloaded', verdicts: ['overloaded'], isOtherReady: false };

  test('is asked again in its place after a quarter to three quarters of a second, as the lot falls', () => {
    const pauses = [0, 0.25, 0.5, 0.999].map((random) => retryStep({ ...alone, random }));
    expect(pauses).toEqual([250, 375, 500, 750].map((afterMs) => ({ kind: 'same', afterMs })));
  });

  test('of an account that was failing before, or while another request asks one that fails, is passed on', () => {
    expect(retryStep({ ...alone, mayAskAgain: false })).toEqual(giveUp);
  });
});

test('whatever came before: never more than three costly attempts, and nothing after bytes for the client', () => {
  const kind = fc.constantFrom<VerdictKind>(
    'forwarded',
    'limited',
    'pacing',
    'refused',
    'overloaded',
    'failed',
    'unauthorized',
    'unreachable',
  );
  const kinds = fc.array(kind, { maxLength: 14 });
  const situation = fc.record({
    verdict: kind,
    verdicts: kinds,
    phase: fc.constantFrom<AttemptPhase>('unsent', 'sent', 'answered'),
    isWaited: fc.boolean(),
    replayable: fc.boolean(),
    isKept: fc.boolean(),
    isOtherReady: fc.boolean(),
    mayAskAgain: fc.boolean(),
    hasBudget: fc.boolean(),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });
  fc.assert(
    fc.property(situation, (each) => {
      const step = retryStep(each);
      if (step.kind === 'give-up') return;
      const { verdicts, isWaited, isKept, hasBudget } = each;
      const costly = verdicts.filter((kind) => kind !== 'limited' && kind !== 'unauthorized');
      expect(costly.length).toBeLessThan(3);
      expect(verdicts.length).toBeLessThan(10);
      expect(verdicts).not.toContain('forwarded');
      expect([isWaited, isKept]).toEqual([true, true]);
      expect(hasBudget || (step.kind === 'elsewhere' && step.isFree)).toBe(true);
      expect(step.kind !== 'same' || (step.afterMs >= 250 && step.afterMs <= 750)).toBe(true);
    }),
    { numRuns },
  );
});
