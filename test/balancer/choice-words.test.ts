import { describe, expect, test } from 'vitest';
import { freshRuntime, judged } from '../../source/balancer/account-state.ts';
import { choose } from '../../source/balancer/choose.ts';
import type { ChoiceRequest } from '../../source/balancer/choose.ts';
import type { StrategyName } from '../../source/shared/types.ts';
import type { Candidate } from '../../source/balancer/strategies.ts';
import { candidate, day, idOf, later, now, window } from './sample.ts';

const week = (utilization: number, days: number) =>
  window('7d', { utilization, resetsAt: later(days * day) });

const asking: ChoiceRequest = {
  model: null,
  session: true,
  home: null,
  tried: new Set(),
  mayProbe: false,
};

const words = (
  pool: readonly Candidate[],
  strategy: StrategyName = 'sticky',
  changes: Partial<ChoiceRequest> = {},
): string[] => {
  return choose(pool, { ...asking, ...changes }, strategy, now).decision.considered.map(
    ({ verdict }) => verdict,
  );
};

const pool = [
  candidate('a', { windows: [week(0.5, 2)] }),
  candidate('b', { windows: [week(0.1, 3), window('5h', { utilization: 0.2 })] }, { weight: 3 }),
];

describe('why an account was chosen, and the others were not', () => {
  test.each<[StrategyName, string[]]>([
    [
      'sticky',
      [
        'eligible: 1.04 % of its week left per hour until the reset',
        'chosen: 1.13 % of its week left per hour until the reset',
      ],
    ],
    [
      'drain',
      ['chosen: its week ends 2026-11-24T04:00:00.000Z', 'eligible: its week ends 2026-11-25T04:00:00.000Z'],
    ],
    ['spread', ['eligible: 50 % of its tightest window used', 'chosen: 20 % of its tightest window used']],
    ['round-robin', ['chosen', 'eligible']],
    ['priority', ['chosen', 'eligible']],
  ])('%s', (strategy, wanted) => expect(words(pool, strategy)).toEqual(wanted));

  test('a conversation stays for its cache, and what it would cost to leave', () => {
    const asked = { home: idOf('a') };
    expect(words(pool, 'sticky', asked)[0]).toBe('chosen: warm conversation stays: its cache holds it');
    expect(words(pool, 'sticky', { ...asked, promptTokens: 84_321 })[0]).toBe(
      'chosen: warm conversation stays: moving would write ~84,000 tokens again',
    );
  });

  test('a conversation that has to move says so, and how much is written again', () => {
    const moving = [
      candidate('a', { windows: [window('5h', { status: 'rejected', utilization: 1 })] }),
      pool[1]!,
    ];
    expect(words(moving, 'sticky', { home: idOf('a'), promptTokens: 1234 })[1]).toMatch(
      /^chosen: 1\.13 % .*; the conversation moves: ~1,200 tokens are written again$/,
    );
  });

  test('an account without a credential has failed, also while its login is renewed', () => {
    const states = (['error', 'needs-login', 'refreshing'] as const).map((state, at) =>
      candidate(`account-${at}`, { credentialProblem: { state, reason: 'no token', until: later(1000) } }),
    );
    const until = new Date(later(1000)).toISOString();
    expect(words(states)).toEqual([
      `failed until ${until}: no token`,
      `needs-login until ${until}: no token`,
      `failed until ${until}: no token`,
    ]);
  });

  test('a cache that knows how a conversation begins is named', () => {
    expect(words(pool, 'sticky', { knowsPrefix: (account) => account === idOf('a') })[0]).toMatch(
      /^chosen: 1\.04 % .*, and its cache knows how this begins$/,
    );
  });

  test('a limit tells where it is known from, and since when', () => {
    const spent = { status: 'rejected', utilization: 1 };
    const limited = [0, 3400, 90 * 60_000].map((ms, at) =>
      candidate(`account-${at}`, { windows: [window('5h', { ...spent, seenAt: later(-ms) })] }),
    );
    expect(words(limited).map((verdict) => /\(.*\)$/.exec(verdict)?.[0])).toEqual([
      '(header, just now)',
      '(header, 3 s ago)',
      '(header, 1h30m ago)',
    ]);
  });

  test('a 429 that names its window tells of it as the header did', () => {
    const spent = window('7d', {
      status: 'rejected',
      utilization: 1,
      resetsAt: later(day),
      seenAt: later(-3000),
    });
    const verdict = { kind: 'limited' as const, until: later(day), window: '7d', scope: null };
    const runtime = judged({ ...freshRuntime, windows: [spent] }, verdict, null, now);
    const until = new Date(later(day)).toISOString();
    expect(words([candidate('a', runtime)])).toEqual([`limited until ${until} by 7d (header, 3 s ago)`]);
  });

  test('of many accounts the first few tell their figures', () => {
    const many = Array.from({ length: 50 }, (_, at) =>
      candidate(`account-${at}`, { windows: [week(0.5, 2)] }),
    );
    const figures = words(many).filter((verdict) => verdict.includes('%'));
    expect(figures).toHaveLength(8);
  });
});
