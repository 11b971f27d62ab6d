import { describe, expect, test } from 'vitest';
import { createFaultSwitch, type FaultRule } from '../../source/demo/faults.ts';
import { seededRandom } from '../../source/shared/seeded-random.ts';
import { happenings } from '../../source/demo/scenario.ts';
import { demoAccounts } from '../../source/demo/accounts.ts';
import { makeTrouble } from '../../source/demo/trouble.ts';

/** Runs the first `count` happenings on a clock that jumps from one to the next. */
const run = async (count: number, leaveOne: () => boolean = () => true) => {
  const signedIn: string[] = [];
  const ending = new AbortController();
  const told: { at: number; rule: FaultRule }[] = [];
  const endless = happenings(seededRandom(9));
  const lastAt = Math.max(...Array.from({ length: count }, () => endless.next().value.atMs));
  const faults = createFaultSwitch();
  let now = 0;
  let open = 0;
  let most = 0;
  await makeTrouble({
    random: seededRandom(9),
    signal: ending.signal,
    elapsed: () => now,
    pause: async (ms) => {
      now += ms;
      if (now > lastAt) ending.abort();
    },
    fail(rule) {
      told.push({ at: now, rule });
      open += 1;
      most = Math.max(most, open);
      const clear = faults.add(rule);
      return () => {
        open -= 1;
        clear();
      };
    },
    signIn: (account) => signedIn.push(`${now} ${account}`),
    leaveOne,
  });
  return { signedIn, told, most, faults, now };
};

describe('trouble', () => {
  test('comes at the times of the scenario, each once', async () => {
    const { told } = await run(7);
    expect(told.map(({ at, rule }) => `${at} ${rule.fault} ${rule.account ?? '*'}`)).toEqual([
      '3000 pace team-a',
      '7000 overloaded team-a',
      '9000 no-message-stop *',
      '11000 unauthorized lab',
      '13000 pace home',
      '15500 overloaded work',
      '15500 overloaded home',
      '15500 overloaded lab',
      '15500 overloaded team-a',
    ]);
    expect(told.slice(0, 3).every(({ rule }) => rule.times === 1)).toBe(true);
    expect(told.flatMap(({ rule }) => (rule.fault === 'pace' ? rule.retryAfter : []))).toEqual([3, 8]);
    expect(told.every(({ rule }) => rule.path === '/v1/messages')).toBe(true);
  });

  test('leaves no more than one of each kind waiting for somebody to hit, for hours', async () => {
    const { most, now } = await run(500);
    expect(now).toBeGreaterThan(3 * 3_600_000);
    // A break, an overload, a cut and the account that is signed out; an outage is one for each of the others.
    expect(most).toBeLessThanOrEqual(4 + demoAccounts.length - 1);
  });

  test('ends an outage after a while, and the account that is to take over has none', async () => {
    const { faults, told } = await run(7);
    expect(told.some(({ rule }) => rule.account === 'relay')).toBe(false);
    expect(faults.take({ account: 'team-a', path: '/v1/messages', stream: false })?.times).toBe(1);
    expect(faults.take({ account: 'team-a', path: '/v1/messages', stream: false })).toBeNull();
  });

  test('has every account that is left ask for a break, the reserve too, and each but once', async () => {
    const { told } = await run(8);
    const drought = told.slice(-3).map(({ rule }) => rule);
    expect(drought.map(({ account }) => account)).toEqual(['home', 'team-a', 'relay']);
    for (const rule of drought) expect(rule).toMatchObject({ fault: 'pace', retryAfter: 23, times: 1 });
  });

  test('signs an account out until its owner signs in again', async () => {
    const before = await run(8);
    expect(before.signedIn).toEqual([]);
    const asked = { account: 'lab', path: '/v1/messages', stream: false };
    expect(before.faults.take(asked)?.fault).toBe('unauthorized');
    const after = await run(9);
    expect(after.signedIn).toEqual(['43000 lab']);
    expect(after.faults.take(asked)).toBeNull();
  });

  test('waits a while for a stream that somebody can leave, and not for ever', async () => {
    let asked = 0;
    await run(7, () => {
      asked += 1;
      return asked === 7;
    });
    expect(asked).toBe(7);
    let vain = 0;
    const { now } = await run(8, () => {
      vain += 1;
      return false;
    });
    expect(vain).toBe(50);
    expect(now).toBeGreaterThan(20_000);
  });
});
