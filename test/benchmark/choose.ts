// `npm run bench:choose`: what it costs to choose an account, and whether choosing leaves anything behind.
// Exit code 1 when a figure misses its goal.

import { choose } from '../../source/balancer/choose.ts';
import { createHeadroom } from '../../source/balancer/headroom.ts';
import { createSessions } from '../../source/balancer/sessions.ts';
import { placeOf, cacheLives } from '../../source/balancer/warmth.ts';
import type { Candidate } from '../../source/balancer/strategies.ts';
import { workAhead } from '../../source/balancer/work.ts';
import { seededRandom } from '../../source/shared/seeded-random.ts';
import { asEpoch, strategyNames, type AccountId, type StrategyName } from '../../source/shared/types.ts';
import { candidate, day, later, now, window } from '../balancer/sample.ts';

const random = seededRandom(1);
let missed = 0;

const report = (name: string, value: number, goal: number, unit: string): void => {
  if (value > goal) missed += 1;
  process.stdout.write(
    `${value > goal ? 'MISSED' : 'ok    '} ${name}: ${value.toFixed(1)} ${unit} (goal ≤ ${goal})\n`,
  );
};

/** Accounts as they are on a busy day: plans with three windows each, some of them spent. */
const poolOf = (count: number): Candidate[] =>
  Array.from({ length: count }, (_, at) =>
    candidate(
      `account-${at}`,
      {
        windows: [
          window('5h', { utilization: random() * 1.1 }),
          window('7d', { utilization: random(), resetsAt: later(random() * 7 * day) }),
          window('7d_oi', { scope: 'fable', utilization: random(), resetsAt: later(random() * 7 * day) }),
        ],
        inFlight: Math.floor(random() * 3),
        lastUsedAt: later(-random() * day),
      },
      { kind: 'login', priority: 100 },
    ),
  );

const model = 'claude-opus-5-5';
const sessions = createSessions();

/** It knows of every account how much its windows hold, as after a day: new work asks for room. */
const headroom = createHeadroom();
for (let at = 0; at < 200; at += 1) {
  const account = `id-account-${at}` as AccountId;
  for (const utilization of [0.1, 0.2]) {
    headroom.spent(account, model, 500_000);
    headroom.told(account, [window('5h', { utilization }), window('7d', { utilization })]);
  }
}
let reasons = 0;

/** One request of one of 20,000 conversations: where it belongs, who serves it and why, and what is remembered of that. */
const decide = (pool: readonly Candidate[], strategy: StrategyName, turn: number): void => {
  const key = `conversation ${Math.floor(random() * 20_000)}`;
  const at = asEpoch(now + turn);
  const life = cacheLives.short;
  const prefix = `project ${turn % 40}`;
  const choice = choose(
    pool,
    {
      model,
      session: true,
      ...placeOf(sessions.homeOf(key), () => life, at),
      knowsPrefix: (account: AccountId) => sessions.knowsPrefix(prefix, account, life, at),
      roomOf: (candidate) => headroom.roomOf(candidate, model, at),
      need: () => workAhead(model, 20_000, life),
      lottery: random(),
      tried: new Set(),
      fromClaudeCode: true,
      mayProbe: false,
    },
    strategy,
    at,
  );
  // Every row tells them.
  reasons += choice.decision.considered.length;
  if (choice.kind === 'use') sessions.served(key, { account: choice.candidate.record.id, at, prefix });
};

/** Microseconds of CPU time of one decision: the median of nine rounds. */
const costOf = (pool: readonly Candidate[], strategy: StrategyName): number => {
  const count = Math.ceil(100_000 / pool.length);
  const round = (): number => {
    const begun = process.cpuUsage();
    for (let turn = 0; turn < count; turn += 1) decide(pool, strategy, turn);
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / count;
  };
  for (let warm = 0; warm < 5; warm += 1) round();
  return Array.from({ length: 9 }, round).sort((a, b) => a - b)[4] ?? Number.NaN;
};

for (const [count, goal] of [
  [20, 20],
  [200, 100],
] as const) {
  const pool = poolOf(count);
  for (const strategy of strategyNames) {
    report(
      `one choice among ${count} accounts and its reasons, ${strategy}`,
      costOf(pool, strategy),
      goal,
      'µs',
    );
  }
}

const collected = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1_048_576;
};

const pool = poolOf(20);
for (let turn = 0; turn < 100_000; turn += 1) decide(pool, 'sticky', turn);
const before = collected();
for (let turn = 0; turn < 1_000_000; turn += 1) decide(pool, 'sticky', turn);
report('heap after a million choices more', collected() - before, 1, 'MB');

process.stdout.write(`${reasons} reasons were given\n`);
process.exitCode = missed > 0 ? 1 : 0;
