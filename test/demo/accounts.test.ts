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
  test('are five, of all kinds that the proxy serves with, under names that it takes', () => {
    expect(demoAccounts.map(({ name }) => name)).toEqual(['work', 'home', 'lab', 'team-a', 'relay']);
    expect(new Set(demoAccounts.map(({ kind }) => kind))).toEqual(new Set(supportedKinds));
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

  test('have a subscription whose windows are of the lengths that plans have, one of them for a single model', () => {
    const windows = windowsOf('home');
    expect(windows.map(({ id, scope }) => [id, scope])).toEqual([
      ['5h', null],
      ['7d', null],
      ['7d_opus', 'claude-opus'],
    ]);
    for (const { status, resetsAt } of windows) {
      expect(status).not.toBe('rejected');
      expect(resetsAt - start).toBeGreaterThan(2 * 3_600_000);
    }
  });

  test('have one that no limit can ever stop', () => {
    expect(windowsOf('relay')).toEqual([]);
  });

  test('have keys that no provider could take for its own', () => {
    const keys = demoAccounts.flatMap(({ name }) => [demoKey(name), demoKey(name, 1), demoKey(name, 2)]);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toMatch(/^demo-[a-z-]+\d?$/);
  });
});
