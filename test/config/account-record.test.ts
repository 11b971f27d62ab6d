import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  accountJson,
  anthropicUrl,
  defaultPriority,
  parseAccounts,
  parseKind,
  parseName,
  parseWeight,
} from '../../source/config/account-record.ts';
import { asEpoch, type AccountId, type AccountRecord } from '../../source/shared/types.ts';

const record = (name: string, more: Partial<AccountRecord> = {}): AccountRecord => ({
  id: `id-${name}` as AccountId,
  name,
  kind: 'api-key',
  baseUrl: anthropicUrl,
  priority: 200,
  weight: 1,
  paused: false,
  store: 'vault',
  createdAt: asEpoch(1_790_000_000_123),
  ...more,
});

const problemsWith = (change: Record<string, unknown>): string[] =>
  parseAccounts([{ ...accountJson(record('work')), ...change }]).problems;

test('records come back from JSON exactly as they were', () => {
  const records = [
    record('work'),
    record('relay', {
      kind: 'compatible',
      baseUrl: 'http://127.0.0.1:9/x',
      paused: true,
      weight: 0.5,
      priority: 0,
      caps: { '5h': 0.8, '7d': 1 },
      overage: 0.5,
      concurrent: 4,
      models: ['claude-*'],
      importedFrom: 'cc-router:max-1',
    }),
    record('plan', {
      kind: 'login',
      login: {
        termsAcceptedAt: asEpoch(1_790_000_000_000),
        linkedTo: null,
        accountUuid: null,
        organization: null,
        plan: null,
      },
    }),
    record('token', { kind: 'setup-token' }),
  ];
  const json: unknown = JSON.parse(JSON.stringify(records.map((entry) => accountJson(entry))));
  expect(parseAccounts(json)).toEqual({ accounts: records, problems: [] });
});

test('a time is kept as ISO text', () => {
  expect(accountJson(record('work')).createdAt).toBe('2026-09-21T14:13:20.123Z');
});

test('what a person may leave out has its default', () => {
  const { id, name, kind, store, createdAt } = accountJson(record('work'));
  expect(parseAccounts([{ id, name, kind, store, createdAt }]).accounts).toEqual([record('work')]);
});

describe('a bad record names its place, what is wrong and what to do', () => {
  test.each<[Record<string, unknown>, string]>([
    [{ name: 'a b' }, 'accounts[0].name: "a b" is not an account name; use up to 64 letters'],
    [{ id: '../x' }, 'accounts[0].id: "../x" is not an account id'],
    [
      { kind: 'openai' },
      'accounts[0].kind: accounts of kind openai cannot be used by this version; use api-key or compatible',
    ],
    [{ kind: 'magic' }, 'accounts[0].kind: "magic" is not a choice; use api-key or compatible'],
    [{ baseUrl: 'http://relay.example' }, 'accounts[0].baseUrl: "http://relay.example" is not encrypted'],
    [{ baseUrl: 'https://u:hunter2@x' }, 'accounts[0].baseUrl: holds a user name or password'],
    [{ priority: -1 }, 'accounts[0].priority: -1 is out of range'],
    [{ weight: 0 }, 'accounts[0].weight: 0 is not a weight; use a number above 0'],
    [{ preferred: 1 }, 'accounts[0].preferred: 1 is not a yes or no; use true or false'],
    [{ paused: 'yes' }, 'accounts[0].paused: "yes" is not a yes or no; use true or false'],
    [{ store: 'drawer' }, 'accounts[0].store: "drawer" is not a choice; use keychain, vault, memory'],
    [{ createdAt: 'yesterday' }, 'accounts[0].createdAt: "yesterday" is not a time'],
    [{ createdAt: '2026-13-01T00:00:00Z' }, 'accounts[0].createdAt: "2026-13-01T00:00:00Z" is not a time'],
    [{ concurrent: 0 }, 'accounts[0].concurrent: '],
    [{ concurrent: 1.5 }, 'accounts[0].concurrent: '],
    [{ concurrent: null }, 'accounts[0].concurrent: '],
    [{ overage: 50 }, 'accounts[0].overage: 50 is no word on paid overage; use forbid, allow or a share'],
    [{ overage: 'never' }, 'accounts[0].overage: "never" is no word on paid overage'],
    [{ overage: null }, 'accounts[0].overage: null is no word on paid overage'],
    [{ caps: { '5h': 80 } }, 'accounts[0].caps: 80 is not a share'],
    [{ caps: ['5h'] }, 'accounts[0].caps: ["5h"] is not a list of caps'],
    [{ caps: { '5 h': 1 } }, 'accounts[0].caps: "5 h" is not a window'],
    [{ models: [] }, 'accounts[0].models: is an empty list'],
    [{ login: {} }, 'accounts[0].login: has no termsAcceptedAt'],
    [{ importedFrom: 'a\u0007b' }, 'accounts[0].importedFrom: '],
    [{ wieght: 2 }, 'accounts[0].wieght: is not known; did you mean weight?'],
    [{ store: undefined }, 'accounts[0].store: undefined is not a choice'],
  ])('%j', (change, problem) => {
    const problems = problemsWith(change);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
    expect(problems[0]).not.toContain('hunter2');
  });

  test('missing fields, and entries that are no records', () => {
    expect(parseAccounts([{}, null, 'x']).problems).toEqual([
      'accounts[0].kind: is missing; remove the account and add it again',
      'accounts[0].id: is missing; remove the account and add it again',
      'accounts[0].name: is missing; remove the account and add it again',
      'accounts[0].store: is missing; remove the account and add it again',
      'accounts[0].createdAt: is missing; remove the account and add it again',
      'accounts[1]: null is not an account; remove it',
      'accounts[2]: "x" is not an account; remove it',
    ]);
  });

  test('names and ids that are taken', () => {
    const twice = [accountJson(record('work')), accountJson(record('work'))];
    expect(parseAccounts(twice).problems).toEqual([
      'accounts[1].name: work is taken by accounts[0]; rename or remove one of them',
      'accounts[1].id: id-work is taken by accounts[0]; rename or remove one of them',
    ]);
  });

  test('something that is no list, or an endless one', () => {
    expect(parseAccounts({}).problems).toEqual(['accounts: {} is not a list; use a list of accounts']);
    expect(parseAccounts(Array.from({ length: 1001 })).problems).toHaveLength(1);
  });
});

test('any JSON ends as sound accounts or as problems, never as both or neither', () => {
  const field = fc.constantFrom(
    'id',
    'name',
    'kind',
    'baseUrl',
    'priority',
    'weight',
    'paused',
    'preferred',
    'store',
    'createdAt',
  );
  const almost = fc
    .dictionary(field, fc.jsonValue())
    .map((change) => ({ ...accountJson(record('work')), ...change }));
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.array(almost)), (value) => {
      const { accounts, problems } = parseAccounts(value);
      const again = parseAccounts(accounts.map((account) => accountJson(account)));
      const complete = Array.isArray(value) && value.length === accounts.length;
      expect(problems.length === 0).toBe(complete && again.problems.length === 0);
      expect(again.accounts).toEqual(accounts);
      for (const problem of problems)
        expect(problem).toMatch(/^accounts[^\p{Cc}]*: [^\p{Cc}]+; [^\p{Cc}]+$/u);
    }),
  );
});

test('names are what a shell and a table can show', () => {
  for (const good of ['a', 'work', 'me@home.example', 'A-1_b+c', 'x'.repeat(64)])
    expect(parseName(good).ok).toBe(true);
  for (const bad of ['', '-a', '.a', 'a b', 'a/b', 'ä', 'x'.repeat(65), 'a\n', 7])
    expect(parseName(bad).ok).toBe(false);
});

test('kinds of a plan are tried before kinds that cost money per token', () => {
  expect(defaultPriority('login')).toBeLessThan(defaultPriority('api-key'));
  expect(parseKind('passthrough').ok).toBe(false);
  expect(parseWeight(Infinity).ok).toBe(false);
});

test.each(['login', 'setup-token'] as const)('a %s needs no base URL and is tried before keys', (kind) => {
  const { id, name, store, createdAt } = accountJson(record('plan'));
  const { accounts, problems } = parseAccounts([{ id, name, kind, store, createdAt }]);
  expect(problems).toEqual([]);
  expect(accounts).toEqual([record('plan', { kind, priority: 100 })]);
});
