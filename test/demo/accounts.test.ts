import { describe, expect, test } from 'vitest';
import { parseName } from '../../source/config/account-record.ts';
import { demoAccounts, demoKey } from '../../source/demo/accounts.ts';
import { openWindows } from '../../source/demo/limits.ts';
import { windowsAt } from '../../source/demo/quota.ts';
import { asEpoch, supportedKinds } from '../../source/shared/types.ts';

const start = asEpoch(1_760_000_000_000);
const windowsOf = (name: string) => {
  const { windows, spent } = openWindows(demoAccounts.find((each) => each.name === name)!.limits, start);
  return windowsAt(windows, spent, start);
};

describe('the accounts of the demo', () => {
  test('are four, of the kinds that the proxy serves with, under names that it takes', () => {
    expect(demoAccounts.map(({ name }) => name)).toEqual(['work', 'home', 'team-a', 'relay']);
    for (const { name, kind } of demoAccounts) {
      expect(parseName(name).ok).toBe(true);
      expect(supportedKinds).toContain(kind);
    }
    expect(new Set(demoAccounts.map(({ limits }) => limits.kind)).size).toBe(3);
  });

  test('begin with one whose window is nearly spent and is back within the first minute', () => {
    const [fiveHours, week] = windowsOf('work');
    expect(fiveHours).toMatchObject({ id: '5h', status: 'allowed' });
    expect(fiveHours!.utilization).toBeGreaterThan(0.4);
    expect(fiveHours!.resetsAt - start).toBeLessThanOrEqual(60_000);
    expect(week!.resetsAt - start).toBeGreaterThan(3_600_000);
  });

  test('have one that no limit can ever stop', () => {
    expect(windowsOf('relay')).toEqual([]);
  });

  test('have keys that no provider could take for its own', () => {
    const keys = demoAccounts.map(({ name }) => demoKey(name));
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toMatch(/^demo-[a-z-]+$/);
  });
});
