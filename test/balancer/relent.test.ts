import { describe, expect, test } from 'vitest';
import {
  blockOf,
  dispatched,
  freshRuntime,
  judged,
  limitsSeen,
  type AccountRuntime,
} from '../../source/balancer/account-state.ts';
import { choose, type Choice, type ChoiceRequest } from '../../source/balancer/choose.ts';
import { relented } from '../../source/balancer/relent.ts';
import type { Candidate } from '../../source/balancer/strategies.ts';
import { asEpoch, type AccountRecord } from '../../source/shared/types.ts';
import { candidate, day, fixture, idOf, later, now, problem, reading, record, window } from './sample.ts';

const opus = 'claude-opus-5-5';
const minutes = 60_000;

/** Its week is spent so far, as the server said then. */
const spent = (utilization: number, saidAgo = 5 * minutes): Partial<AccountRuntime> => ({
  windows: [window('7d', { status: 'rejected', utilization, resetsAt: later(day), seenAt: later(-saidAgo) })],
});

const pick = (pool: readonly Candidate[], changes: Partial<ChoiceRequest> = {}): Choice => {
  const asked = { model: opus, session: true, home: null, tried: new Set<never>(), mayProbe: true };
  return choose(pool, { ...asked, mayRelent: true, ...changes }, 'sticky', now);
};
const nameOf = (choice: Choice): string | null =>
  choice.kind === 'use' ? choice.candidate.record.name : null;

describe('when the whole pool is limited', () => {
  const pool = [candidate('a', spent(1.2)), candidate('b', spent(1.01)), candidate('c', spent(1.1))];

  test('the least spent account is asked all the same, and it is said why', () => {
    const choice = pick(pool);
    expect(choice).toMatchObject({ kind: 'use', isAnyway: true });
    expect(nameOf(choice)).toBe('b');
    expect(choice.decision.considered.map(({ verdict }) => verdict)[1]).toBe(
      'chosen: all are limited, and it may have been taken back; limited until 2026-11-23T04:00:00.000Z by 7d (header, 5m00s ago)',
    );
    expect(choice.decision.considered[0]?.verdict).toMatch(/^limited until /);
  });

  test('not within five minutes of the word of its server, nor of the last time', () => {
    expect(nameOf(pick([candidate('a', spent(1, 5 * minutes - 1))]))).toBeNull();
    const asked = (ago: number) => ({ ...spent(1), askedAnywayAt: later(-ago) });
    expect(nameOf(pick([candidate('a', asked(5 * minutes - 1))]))).toBeNull();
    expect(nameOf(pick([candidate('a', asked(5 * minutes))]))).toBe('a');
    const rest = judged(
      freshRuntime,
      { kind: 'limited', until: later(day), window: null, scope: null },
      opus,
      now,
    );
    expect(nameOf(pick([candidate('a', { ...rest, lastUsedAt: later(-4 * minutes) })]))).toBeNull();
    expect(nameOf(pick([candidate('a', { ...rest, lastUsedAt: later(-5 * minutes) })]))).toBe('a');
  });

  test('not in the last minute before it is over', () => {
    const until = (ms: number) => ({
      windows: [window('7d', { utilization: 1, resetsAt: later(ms), seenAt: later(-day) })],
    });
    expect(nameOf(pick([candidate('a', until(minutes - 1))]))).toBeNull();
    expect(nameOf(pick([candidate('a', until(minutes))]))).toBe('a');
  });

  test('not while another request asks, not twice by one, and not by a request that may not', () => {
    for (const changes of [
      { mayProbe: false },
      { mayRelent: false },
      { tried: new Set(['a', 'b', 'c'].map(idOf)) },
    ]) {
      expect(nameOf(pick(pool, changes))).toBeNull();
    }
    expect(nameOf(pick([candidate('a', { ...spent(1), inFlight: 1 })]))).toBeNull();
    expect(nameOf(pick(pool, { tried: new Set([idOf('b')]) }))).toBe('c');
  });

  test.each<[string, Partial<AccountRuntime>, Partial<AccountRecord>]>([
    ['at its own cap', { windows: [window('5h', { utilization: 0.6 })] }, { caps: { '5h': 0.5 } }],
    [
      'limited, and at its own cap besides',
      { windows: [...(spent(1).windows ?? []), window('5h', { utilization: 0.6, resetsAt: later(1000) })] },
      { caps: { '5h': 0.5 } },
    ],
    ['on overage that is forbidden', { ...spent(1), overage: true }, { overage: 'forbid' }],
    ['paused', spent(1), { paused: true }],
    ['without its credential', { ...spent(1), credentialProblem: problem('locked') }, {}],
    ['of a login, for another client', spent(1), { kind: 'login' }],
    ['for other models', spent(1), { models: ['claude-haiku-*'] }],
  ])('no account is asked that is %s', (_, runtime, changes) => {
    expect(nameOf(pick([candidate('a', { ...runtime, lastUsedAt: null }, changes)]))).toBeNull();
  });

  test.each<[string, Candidate]>([
    ['serves', candidate('free')],
    [
      'is free again in a moment',
      candidate('free', judged(freshRuntime, { kind: 'pacing', until: later(5000) }, opus, now)),
    ],
    ['was failing', candidate('free', judged(freshRuntime, { kind: 'overloaded' }, opus, now))],
  ])('it is not limited as a whole where somebody %s', (_, other) => {
    expect(nameOf(pick([...pool, other]))).not.toBeOneOf(['a', 'b', 'c']);
  });
});

describe('a limit that was taken back', () => {
  const { headers } = fixture('unified-allowed');
  const limited = dispatched(
    judged(
      limitsSeen(freshRuntime, reading(fixture('unified-rejected-5h').headers)),
      { kind: 'limited', until: later(day), window: '5h', scope: null },
      opus,
      now,
    ),
    now,
  );

  test('is over when an answer shows it, although the answer tells of less than was known', () => {
    expect(blockOf(record('work'), limitsSeen(limited, reading(headers)), opus, now)?.state).toBe('limited');
    const after = limitsSeen(relented(limited, { model: opus }), reading(headers));
    expect(blockOf(record('work'), after, opus, now)).toBeNull();
    expect(after.windows.map(({ id, utilization }) => [id, utilization])).toEqual([
      ['7d', 0.13],
      ['5h', 0.42],
    ]);
    expect(relented(limited, null)).toBe(limited);
  });

  test('of one model leaves the limits of others', () => {
    const fable = window('7d_oi', { scope: 'fable', status: 'rejected', resetsAt: asEpoch(now + day) });
    const both = { ...limited, windows: [...limited.windows, fable] };
    const after = relented(both, { model: opus });
    expect(blockOf(record('work'), after, opus, now)).toBeNull();
    expect(blockOf(record('work'), after, 'claude-fable-5', now)?.state).toBe('limited');
  });
});
