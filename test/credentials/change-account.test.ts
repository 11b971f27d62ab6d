import { describe, expect, test } from 'vitest';
import { changeAccount } from '../../source/credentials/change-account.ts';
import type { AccountChange } from '../../source/shared/commands.ts';
import { asEpoch, type AccountId, type AccountRecord } from '../../source/shared/types.ts';

const record: AccountRecord = {
  id: 'id-work' as AccountId,
  name: 'work',
  kind: 'compatible',
  baseUrl: 'https://relay.example/one',
  priority: 200,
  weight: 1,
  paused: true,
  store: 'vault',
  createdAt: asEpoch(0),
  caps: { '5h': 0.5 },
  models: ['a'],
};
const unchanged: AccountChange = { priority: null, weight: null, caps: null, models: null, baseUrl: null };
const changed = (change: Partial<AccountChange>): AccountRecord =>
  changeAccount(record, { ...unchanged, ...change });
const problemsOf = (change: Partial<AccountChange>): readonly string[] => {
  try {
    changed(change);
  } catch (error) {
    return (error as { problems: readonly string[] }).problems;
  }
  return [];
};

describe('a change of an account', () => {
  test('touches what was asked for and nothing else', () => {
    expect(changed({})).toEqual(record);
    expect(changed({ priority: 1, weight: 0.5 })).toEqual({ ...record, priority: 1, weight: 0.5 });
    expect(changed({ caps: { '7d': 1 }, models: ['b', 'b'] })).toEqual({
      ...record,
      caps: { '7d': 1 },
      models: ['b'],
    });
  });

  test('of caps and models to none leaves neither in the record', () => {
    const { caps: _, models: __, ...rest } = record;
    expect(changed({ caps: {}, models: [] })).toEqual(rest);
    expect(Object.keys(changed({ caps: {}, models: [] }))).toEqual(Object.keys(rest));
  });

  test('of the number of requests at once is a whole one, or takes the limit away', () => {
    expect(changed({ concurrent: 4 })).toEqual({ ...record, concurrent: 4 });
    const limited = { ...record, concurrent: 4 };
    expect(changeAccount(limited, { ...unchanged, concurrent: 0 })).toEqual(record);
    expect(changeAccount(limited, { ...unchanged, priority: 1 })).toMatchObject({ concurrent: 4 });
    for (const concurrent of [-1, 1.5, Infinity]) expect(problemsOf({ concurrent })).toHaveLength(1);
  });

  test('of the address stays with the provider that the secret was given for', () => {
    expect(changed({ baseUrl: 'https://relay.example/two/v1/' }).baseUrl).toBe('https://relay.example/two');
    for (const baseUrl of [
      'https://other.example/one',
      'http://relay.example/one',
      'https://relay.example:444',
      'https://relay.example.evil.example',
    ]) {
      expect(problemsOf({ baseUrl })).toHaveLength(1);
    }
    expect(problemsOf({ baseUrl: 'https://other.example' })).toEqual([
      'the base URL is not at https://relay.example, which its key was given for; remove the account and add it again, with the key for that address',
    ]);
  });

  test('names everything that is wrong at once', () => {
    const change = { priority: -1, weight: 0, caps: { '5h': 80 }, models: ['a b'], baseUrl: 'relay' };
    expect(problemsOf(change).map((problem) => problem.split(' ').slice(0, 2).join(' '))).toEqual([
      'the priority',
      'the weight',
      'the caps:',
      'the models:',
      'the base',
    ]);
  });
});
