import { describe, expect, test } from 'vitest';
import { createFaultSwitch, type FaultRule } from '../../source/demo/faults.ts';
import { seededRandom } from '../../source/demo/random.ts';
import { happenings } from '../../source/demo/scenario.ts';
import { makeTrouble } from '../../source/demo/trouble.ts';

/** Runs the first `count` happenings on a clock that jumps from one to the next. */
const run = async (count: number, leaveOne: () => boolean = () => true) => {
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
    leaveOne,
  });
  return { told, most, faults, now };
};

describe('trouble', () => {
  test('comes at the times of the scenario, each once', async () => {
    const { told } = await run(5);
    expect(told.map(({ at, rule }) => `${at} ${rule.fault} ${rule.account ?? '*'}`)).toEqual([
      '3000 pace team-a',
      '6000 overloaded home',
      '8000 no-message-stop *',
      '15500 overloaded work',
      '15500 overloaded home',
      '15500 overloaded team-a',
    ]);
    expect(told.slice(0, 3).every(({ rule }) => rule.times === 1)).toBe(true);
    expect(told.every(({ rule }) => rule.path === '/v1/messages')).toBe(true);
  });

  test('leaves no more than one of each kind waiting for somebody to hit, for hours', async () => {
    const { most, now } = await run(500);
    expect(now).toBeGreaterThan(3 * 3_600_000);
    expect(most).toBeLessThanOrEqual(6);
  });

  test('ends an outage after a while, and the account that is to take over has none', async () => {
    const { faults, told } = await run(5);
    expect(told.some(({ rule }) => rule.account === 'relay')).toBe(false);
    expect(faults.take({ account: 'home', path: '/v1/messages', stream: false })?.times).toBe(1);
    expect(faults.take({ account: 'home', path: '/v1/messages', stream: false })).toBeNull();
  });

  test('waits a while for a stream that somebody can leave, and not for ever', async () => {
    let asked = 0;
    await run(5, () => {
      asked += 1;
      return asked === 7;
    });
    expect(asked).toBe(7);
    let vain = 0;
    const { now } = await run(6, () => {
      vain += 1;
      return false;
    });
    expect(vain).toBe(50);
    expect(now).toBeGreaterThan(20_000);
  });
});
