import { describe, expect, it } from 'vitest';
import type { LiveRequest, RequestRow, State } from '../../source/store/state.ts';
import { onlyGrew } from '../../source/ui/only-grew.ts';
import { busyState, doneRow, liveOf, liveRow } from './sample.ts';

const [done, live, other] = [doneRow(1), liveRow(2), liveRow(3)];
const before: State = { ...busyState, rows: [done, live, other] };
const changed = (part: Partial<LiveRequest>): RequestRow => ({
  kind: 'live',
  seq: 2,
  request: { ...liveOf(), ...live.request, ...part },
});

describe('onlyGrew', () => {
  it('is true when answers under way got longer, and when nothing happened', () => {
    const tokens = { input: 3, output: 5, cacheRead: null, cacheWrite5m: null, cacheWrite1h: null };
    const grown = changed({ bytes: 9000, tokens });
    expect(onlyGrew(before, { ...before, rows: [done, grown, other] })).toBe(true);
    expect(onlyGrew(before, before)).toBe(true);
    expect(onlyGrew(before, { ...before })).toBe(true);
  });

  it('is false when an answer that may have ended turns out to go on', () => {
    const doubted = { ...before, rows: [done, changed({ unsure: true }), other] };
    expect(onlyGrew(doubted, { ...before, rows: [done, changed({ bytes: 9000 }), other] })).toBe(false);
  });

  it.each([
    ['a row is new', { rows: [...before.rows, liveRow(4)] }],
    ['a row is gone', { rows: [done, live] }],
    ['a row has moved up', { rows: [live, other, liveRow(4)] }],
    ['a row has finished', { rows: [done, doneRow(2), other] }],
    ['an answer has begun', { rows: [done, changed({ status: 200, firstByteMs: 3 }), other] }],
    ['a request went to another account', { rows: [done, changed({ account: 'home' }), other] }],
    ['an account has changed', { accounts: [...before.accounts] }],
    ['a sentence was logged', { log: [...before.log] }],
    ['another account is next', { next: before.accounts[1]!.id }],
    ['one more is in flight', { inFlight: 3 }],
    ['events were lost', { dropped: 1 }],
    ['the proxy listens', { url: 'http://127.0.0.1:1' }],
  ] satisfies [string, Partial<State>][])('is false when %s', (_, change) => {
    expect(onlyGrew(before, { ...before, ...change })).toBe(false);
  });
});
