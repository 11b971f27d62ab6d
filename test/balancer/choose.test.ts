import { strategyNames, type AccountKind, type StrategyName } from '../../source/shared/types.ts';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockOf, freshRuntime, judged, type AccountRuntime } from '../../source/balancer/account-state.ts';
import { choose, type Choice, type ChoiceRequest } from '../../source/balancer/choose.ts';
import { compare, strategies, type Candidate } from '../../source/balancer/strategies.ts';
import { numRuns } from '../kit/long-run.ts';
import { candidate, idOf, later, now, problem, window } from './sample.ts';

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

  test('is never one that is not for the model, however free it is, nor one at its cap', () => {
    const pool = [
      candidate('haiku', used(0), { models: ['claude-haiku-*', 'claude-sonnet-5'], priority: 1 }),
      candidate('spared', used(0.5), { caps: { '5h': 0.5 } }),
      candidate('rest', used(0.9)),
    ];
    const choice = pick(pool);
    expect(nameOf(choice)).toBe('rest');
    expect(verdictsOf(choice)).toEqual({
      haiku: 'model: serves claude-haiku-*, claude-sonnet-5 only',
      spared: `capped until ${new Date(later(3_600_000)).toISOString()}: reached your cap of 50% of its 5h limit (header, just now)`,
      rest: 'chosen: 90 % of its tightest window used',
    });
    for (const model of ['claude-haiku-4-5', 'claude-sonnet-5', null]) {
      expect(nameOf(pick(pool, { model }))).toBe('haiku');
    }
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

  test('that no cache holds any more is placed anew, and says so', () => {
    const choice = pick(pool, { session: true, isCold: true });
    expect([nameOf(choice), choice.decision.affinity]).toEqual(['idle', 'cold']);
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
      candidate('locked', { credentialProblem: problem('keychain locked') }),
      candidate('refused', judged(freshRuntime, { kind: 'unauthorized' }, opus, now)),
    ];
    expect(pick(pool)).toMatchObject({ kind: 'none', why: 'all_limited', availableAt: later(9000) });
    expect(pick(pool.slice(1))).toMatchObject({ kind: 'none', why: 'no_account', availableAt: null });
  });

  test('none at all', () => {
    const choice = pick([]);
    expect(choice).toMatchObject({ kind: 'none', why: 'no_account', availableAt: null });
    expect(choice.decision).toMatchObject({ strategy: 'sticky', affinity: null, considered: [] });
  });

  test('some in back-off: overloaded, until the first of them comes back', () => {
    const choice = pick([candidate('a', overloaded(3)), candidate('b', limited(9000))]);
    expect(choice).toMatchObject({ kind: 'none', why: 'all_overloaded', availableAt: later(4000) });
  });
});

describe('caps and models', () => {
  test('a pool whose accounts are at their caps is limited until the first of them is not', () => {
    const pool = [candidate('a', used(0.9), { caps: { '5h': 0.5 } }), candidate('b', limited(9_000_000))];
    expect(pick(pool, { mayProbe: true })).toMatchObject({
      kind: 'none',
      why: 'all_limited',
      availableAt: later(3_600_000),
    });
  });

  test('accounts that are not for the model are no reason to wait, and are not tried in its need', () => {
    const only = { models: ['claude-haiku-*'] };
    const pool = [candidate('a', limited(1000), only), candidate('b', overloaded(), only)];
    expect(pick(pool, { mayProbe: true })).toMatchObject({
      kind: 'none',
      why: 'no_account',
      availableAt: null,
    });
    expect(nameOf(pick(pool, { mayProbe: true, model: 'claude-haiku-4-5' }))).toBe('b');
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
          candidate('locked', { credentialProblem: problem('keychain locked') }),
          candidate('tried'),
          candidate('later', {}, { priority: 300 }),
        ],
        { tried: new Set([idOf('tried')]) },
      ),
    );
    expect(verdicts).toEqual({
      used: 'eligible: 30 % of its tightest window used',
      chosen: 'chosen',
      limited: 'limited until 2026-11-22T05:00:00.000Z by 5h (header, just now)',
      benched: 'benched until 2026-11-22T04:00:01.000Z: overloaded (529)',
      pacing: 'pacing until 2026-11-22T04:00:00.500Z: asked to slow down',
      paused: 'paused by you',
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
  fc.constant({ credentialProblem: problem('keychain locked') }),
  fc.integer({ min: 0, max: 9 }).map((inFlight) => ({ inFlight })),
  fc.constant(judged(freshRuntime, { kind: 'refused' }, opus, now)),
);

const pools = fc.array(
  fc.record(
    {
      runtime: anyRuntime,
      priority: fc.constantFrom(100, 200),
      paused: fc.boolean(),
      kind: fc.constantFrom<AccountKind>('api-key', 'login', 'setup-token'),
      models: fc.constantFrom(['*opus*'], ['claude-sonnet-5-5', 'x']),
      caps: fc.constantFrom({ '5h': 0.1 }, { '5h': 1 }),
    },
    { requiredKeys: ['runtime', 'priority', 'paused', 'kind'] },
  ),
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
  strategy: fc.constantFrom(...strategyNames),
  lottery: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  isCold: fc.boolean(),
  fromClaudeCode: fc.boolean(),
});

test('never picks an account that was tried, is paused, is blocked or is not for the client, and always picks when one is free', () => {
  fc.assert(
    fc.property(situations, ({ pool, strategy, ...asked }) => {
      const choice = choose(pool, asked, strategy, now);
      const block = ({ record, runtime }: Candidate) => blockOf(record, runtime, asked.model, now);
      const fits = ({ record: { kind, models } }: Candidate): boolean =>
        (kind === 'api-key' || asked.fromClaudeCode) &&
        (models === undefined ||
          asked.model === null ||
          models.some((each) => asked.model?.includes(each.replaceAll('*', ''))));
      const open = pool.filter((each) => fits(each) && !asked.tried.has(each.record.id));
      const free = open.filter((each) => !block(each));
      const lowest = Math.min(...free.map(({ record }) => record.priority));
      const chosen = choice.kind === 'use' ? choice.candidate : null;
      const allowed =
        free.length > 0
          ? free.filter(({ record }) => record.priority === lowest)
          : open.filter((each) => block(each)?.state === 'benched');
      const mayBeNone = asked.probed || (free.length === 0 && (!asked.mayProbe || allowed.length === 0));
      expect(chosen === null ? mayBeNone : allowed.includes(chosen)).toBe(true);
      expect(choice.decision.considered).toHaveLength(pool.length);
      const said = choice.decision.considered.filter(({ verdict }) => /^chosen(?::|$)/.test(verdict));
      expect(said.map(({ account }) => account)).toEqual(chosen === null ? [] : [chosen.record.name]);
    }),
    { numRuns },
  );
});

test('does not depend on the order of the accounts where their ranks differ', () => {
  fc.assert(
    fc.property(situations, fc.infiniteStream(fc.nat()), ({ pool, strategy, ...asked }, draws) => {
      const moment = { model: asked.model, now, lottery: asked.lottery, knowsPrefix: () => false };
      const ranked = pool.filter((each, n) =>
        pool.slice(0, n).every((other) => compare(strategies[strategy], each, other, moment) !== 0),
      );
      const mixed = ranked
        .map((each) => [draws.next().value ?? 0, each] as const)
        .toSorted(([a], [b]) => a - b)
        .map(([, each]) => each);
      const asIs = { ...asked, mayProbe: false };
      expect(nameOf(choose(mixed, asIs, strategy, now))).toBe(nameOf(choose(ranked, asIs, strategy, now)));
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

describe('a Claude login', () => {
  const plan = (runtime: Partial<AccountRuntime> = {}, kind: 'login' | 'setup-token' = 'login'): Candidate =>
    candidate('plan', runtime, { kind, priority: 100 });

  test('takes requests of Claude Code, and others pass it over whatever its priority', () => {
    for (const kind of ['login', 'setup-token'] as const) {
      const pool = [candidate('paid'), plan({}, kind)];
      expect(nameOf(pick(pool, { fromClaudeCode: true }))).toBe('plan');
      const other = pick(pool, { home: idOf('plan'), session: true });
      expect(nameOf(other)).toBe('paid');
      expect(verdictsOf(other)['plan']).toMatch(/^client\b.*Claude Code/);
    }
    // Nobody resumes it for this request: that it is paused comes second.
    const paused = candidate('plan', {}, { kind: 'login', paused: true });
    expect(verdictsOf(pick([paused]))['plan']).toMatch(/^client\b.*Claude Code only; paused by you$/);
  });

  test('is never the way out of trouble for others: not doubted, not as a probe', () => {
    const benched = overloaded();
    const recovering = { ...benched, rests: benched.rests.map((rest) => ({ ...rest, until: later(-1) })) };
    for (const runtime of [{}, benched, recovering]) {
      const choice = pick([plan(runtime)], { mayProbe: true, probing: true });
      expect(choice).toMatchObject({ kind: 'none', why: 'no_account', availableAt: null });
    }
  });

  test('says nothing of when others can be served', () => {
    const choice = pick([candidate('paid', limited(9000)), plan(overloaded())]);
    expect(choice).toMatchObject({ kind: 'none', why: 'all_limited', availableAt: later(9000) });
  });
});
