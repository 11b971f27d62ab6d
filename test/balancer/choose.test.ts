import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockOf, freshRuntime, judged, type AccountRuntime } from '../../source/balancer/account-state.ts';
import { choose, type Choice, type ChoiceRequest } from '../../source/balancer/choose.ts';
import type { Candidate, StrategyName } from '../../source/balancer/strategies.ts';
import { numRuns } from '../kit/long-run.ts';
import { candidate, idOf, later, now, window } from './sample.ts';

const opus = 'claude-opus-5-5';

const request = (changes: Partial<ChoiceRequest> = {}): ChoiceRequest => ({
  model: opus,
  session: false,
  home: null,
  tried: new Set(),
  mayProbe: false,
  ...changes,
});

const limited = (ms: number): Partial<AccountRuntime> => ({
  windows: [window('5h', { status: 'rejected', utilization: 1, resetsAt: later(ms) })],
});
const used = (utilization: number): Partial<AccountRuntime> => ({ windows: [window('5h', { utilization })] });
const overloaded = (times = 1): AccountRuntime => {
  let runtime = freshRuntime;
  for (let n = 0; n < times; n += 1) runtime = judged(runtime, { kind: 'overloaded' }, opus, now);
  return runtime;
};

const pick = (
  candidates: readonly Candidate[],
  changes: Partial<ChoiceRequest> = {},
  strategy: StrategyName = 'sticky',
): Choice => choose(candidates, request(changes), strategy, now);

const nameOf = (choice: Choice): string | null =>
  choice.kind === 'use' ? choice.candidate.record.name : null;

const verdictsOf = (choice: Choice): Record<string, string> =>
  Object.fromEntries(choice.decision.considered.map(({ account, verdict }) => [account, verdict]));

describe('the account for new work', () => {
  test('is the least used one', () => {
    expect(
      nameOf(pick([candidate('a', used(0.5)), candidate('b', used(0.2)), candidate('c', used(0.9))])),
    ).toBe('b');
  });

  test('is of the lowest priority number, however used that is', () => {
    const pool = [candidate('paid'), candidate('plan', used(0.99), { priority: 100 })];
    expect(nameOf(pick(pool))).toBe('plan');
    expect(nameOf(pick([candidate('paid'), candidate('plan', limited(1000), { priority: 100 })]))).toBe(
      'paid',
    );
  });

  test('is one that can serve the model', () => {
    const week = window('7d_opus', { scope: 'opus', status: 'rejected', utilization: 1 });
    const pool = [candidate('a', { windows: [week] }), candidate('b', used(0.9))];
    expect(nameOf(pick(pool))).toBe('b');
    expect(nameOf(pick(pool, { model: 'claude-sonnet-5-5' }))).toBe('a');
  });
});

describe('a conversation', () => {
  const pool = [candidate('home', used(0.8)), candidate('idle', used(0))];

  test('stays on its account, although another is less used', () => {
    const choice = pick(pool, { session: true, home: idOf('home') });
    expect([nameOf(choice), choice.decision.affinity]).toEqual(['home', 'warm']);
  });

  test('leaves an account that is limited, was tried or was removed, and says that it moved', () => {
    for (const [candidates, tried] of [
      [[candidate('home', limited(60_000)), candidate('idle')], []],
      [pool, ['home']],
      [[candidate('idle')], []],
    ] as const) {
      const choice = pick(candidates, { session: true, home: idOf('home'), tried: new Set(tried.map(idOf)) });
      expect([nameOf(choice), choice.decision.affinity]).toEqual(['idle', 'moved']);
    }
  });

  test('that is seen for the first time is new; a request without one has no affinity', () => {
    expect(pick(pool, { session: true }).decision.affinity).toBe('new');
    expect(pick(pool).decision.affinity).toBeNull();
  });

  test('goes back to a lower priority number as soon as that serves: money last', () => {
    const candidates = [candidate('home'), candidate('plan', used(0.5), { priority: 100 })];
    expect(nameOf(pick(candidates, { session: true, home: idOf('home') }))).toBe('plan');
  });

  test('is spread like all else when the strategy has no affinity', () => {
    const choice = pick(pool, { session: true, home: idOf('home') }, 'spread');
    expect([nameOf(choice), choice.decision.affinity, choice.decision.strategy]).toEqual([
      'idle',
      null,
      'spread',
    ]);
  });
});

describe('when nobody can serve', () => {
  test('all limited: the earliest of the resets', () => {
    const choice = pick([candidate('a', limited(9000)), candidate('b', limited(4000))]);
    expect(choice).toMatchObject({ kind: 'none', why: 'all_limited', availableAt: later(4000) });
  });

  test('an account that is paused or broken does not change that', () => {
    const pool = [
      candidate('a', limited(9000)),
      candidate('paused', {}, { paused: true }),
      candidate('locked', { credentialProblem: 'keychain locked' }),
      candidate('refused', judged(freshRuntime, { kind: 'unauthorized' }, opus, now)),
    ];
    expect(pick(pool)).toMatchObject({ kind: 'none', why: 'all_limited', availableAt: later(9000) });
    expect(pick(pool.slice(1))).toMatchObject({ kind: 'none', why: 'no_account', availableAt: null });
  });

  test('none at all', () => {
    const choice = pick([]);
    expect(choice).toMatchObject({ kind: 'none', why: 'no_account', availableAt: null });
    expect(choice.decision).toEqual({ strategy: 'sticky', affinity: null, considered: [] });
  });

  test('some in back-off: overloaded, until the first of them comes back', () => {
    const choice = pick([candidate('a', overloaded(3)), candidate('b', limited(9000))]);
    expect(choice).toMatchObject({ kind: 'none', why: 'all_overloaded', availableAt: later(4000) });
  });
});

describe('an account in back-off', () => {
  const pool = [candidate('a', overloaded(3)), candidate('b', overloaded(2)), candidate('c', limited(9000))];

  test('is asked as a probe when nobody else can serve: the one whose rest ends first', () => {
    expect(nameOf(pick(pool, { mayProbe: true }))).toBe('b');
    const busy = candidate('busy', { ...overloaded(1), inFlight: 5 }, { priority: 300 });
    expect(nameOf(pick([...pool, busy], { mayProbe: true }))).toBe('busy');
    expect(nameOf(pick(pool, { mayProbe: true, tried: new Set([idOf('b')]) }))).toBe('a');
    expect(nameOf(pick(pool, { mayProbe: true, tried: new Set([idOf('a'), idOf('b')]) }))).toBeNull();
  });

  test('is not asked while another can serve, or while somebody else probes', () => {
    expect(nameOf(pick([...pool, candidate('d', used(0.99))], { mayProbe: true }))).toBe('d');
    expect(nameOf(pick(pool))).toBeNull();
  });

  test('is asked once per request, also when its rest has just ended', () => {
    const recovering = {
      ...overloaded(),
      rests: overloaded().rests.map((rest) => ({ ...rest, until: now })),
    };
    const candidates = [candidate('a', overloaded()), candidate('b', recovering)];
    const probed = { probed: true, tried: new Set([idOf('a')]) };
    const choice = pick(candidates, probed);
    expect(choice).toMatchObject({ kind: 'none', why: 'all_overloaded' });
    expect(verdictsOf(choice)['b']).toMatch(/^benched\b/);
    expect(nameOf(pick([...candidates, candidate('c')], probed))).toBe('c');
    expect(nameOf(pick(candidates))).toBe('b');
    // While another request asks it, this one takes a third account, and it only where there is none.
    expect(nameOf(pick([...candidates, candidate('c', used(0.9))], { probing: true }))).toBe('c');
    expect(nameOf(pick(candidates, { probing: true }))).toBe('b');
  });
});

describe('the reasons', () => {
  test('name every account once, in words whose first one scripts rely on', () => {
    const verdicts = verdictsOf(
      pick(
        [
          candidate('used', used(0.3)),
          candidate('chosen'),
          candidate('limited', limited(3_600_000)),
          candidate('benched', overloaded()),
          candidate('pacing', judged(freshRuntime, { kind: 'pacing', until: later(500) }, opus, now)),
          candidate('paused', {}, { paused: true }),
          candidate('locked', { credentialProblem: 'keychain locked' }),
          candidate('tried'),
          candidate('later', {}, { priority: 300 }),
        ],
        { tried: new Set([idOf('tried')]) },
      ),
    );
    expect(verdicts).toEqual({
      used: 'eligible',
      chosen: 'chosen',
      limited: 'limited until 2026-11-22T05:00:00.000Z: reached its 5h limit',
      benched: 'benched until 2026-11-22T04:00:01.000Z: overloaded (529)',
      pacing: 'pacing until 2026-11-22T04:00:00.500Z: asked to slow down',
      paused: 'paused: paused by you',
      locked: 'failed: keychain locked',
      tried: 'failed: refused this request already',
      later: 'eligible: priority 300 comes later',
    });
  });
});

const anyRuntime: fc.Arbitrary<Partial<AccountRuntime>> = fc.oneof(
  fc.constant({}),
  fc.double({ min: 0, max: 1.2, noNaN: true }).map(used),
  fc.integer({ min: -1000, max: 100_000 }).map(limited),
  fc.integer({ min: 1, max: 8 }).map(overloaded),
  fc.constant({ credentialProblem: 'keychain locked' }),
  fc.integer({ min: 0, max: 9 }).map((inFlight) => ({ inFlight })),
  fc.constant(judged(freshRuntime, { kind: 'refused' }, opus, now)),
);

const pools = fc.array(
  fc.record({ runtime: anyRuntime, priority: fc.constantFrom(100, 200), paused: fc.boolean() }),
  { maxLength: 8 },
);

const situations = fc.record({
  pool: pools.map((list) =>
    list.map(({ runtime, ...changes }, n) => candidate(`account-${n}`, runtime, changes)),
  ),
  tried: fc.array(fc.nat(7)).map((list) => new Set(list.map((n) => idOf(`account-${n}`)))),
  home: fc.option(fc.nat(9).map((n) => idOf(`account-${n}`))),
  session: fc.boolean(),
  mayProbe: fc.boolean(),
  probed: fc.boolean(),
  probing: fc.boolean(),
  model: fc.constantFrom(null, opus, 'claude-sonnet-5-5'),
  strategy: fc.constantFrom<StrategyName>('sticky', 'spread'),
});

test('never picks an account that was tried, is paused or is blocked, and always picks when one is free', () => {
  fc.assert(
    fc.property(situations, ({ pool, strategy, ...asked }) => {
      const choice = choose(pool, asked, strategy, now);
      const block = ({ record, runtime }: Candidate) => blockOf(record, runtime, asked.model, now);
      const free = pool.filter((each) => !block(each) && !asked.tried.has(each.record.id));
      const lowest = Math.min(...free.map(({ record }) => record.priority));
      const chosen = choice.kind === 'use' ? choice.candidate : null;
      const allowed =
        free.length > 0
          ? free.filter(({ record }) => record.priority === lowest)
          : pool.filter((each) => block(each)?.state === 'benched' && !asked.tried.has(each.record.id));
      const mayBeNone = asked.probed || (free.length === 0 && (!asked.mayProbe || allowed.length === 0));
      expect(chosen === null ? mayBeNone : allowed.includes(chosen)).toBe(true);
      expect(choice.decision.considered).toHaveLength(pool.length);
      const said = choice.decision.considered.filter(({ verdict }) => verdict === 'chosen');
      expect(said.map(({ account }) => account)).toEqual(chosen === null ? [] : [chosen.record.name]);
    }),
    { numRuns },
  );
});

test('same arguments, same answer, and nothing is changed', () => {
  fc.assert(
    fc.property(situations, ({ pool, strategy, ...asked }) => {
      const before = structuredClone(pool);
      const first = choose(pool, asked, strategy, now);
      expect(choose(pool, asked, strategy, now)).toEqual(first);
      expect(pool).toEqual(before);
    }),
    { numRuns },
  );
});
