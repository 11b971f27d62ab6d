import { describe, expect, test } from 'vitest';
import {
  plainAccount,
  type ImportedAccount,
} from '../../../source/credentials/importers/imported-account.ts';
import {
  fittingName,
  freeName,
  originOf,
  planImport,
  type KnownAccount,
} from '../../../source/credentials/importers/plan-import.ts';
import { Secret } from '../../../source/shared/secret.ts';
import type { AccountRecord } from '../../../source/shared/types.ts';
import { accountRecord, loginFacts } from '../../kit/records.ts';

const source = (name: string, more: Partial<ImportedAccount> = {}): ImportedAccount => ({
  ...plainAccount,
  name,
  sourceId: name,
  kind: 'api-key',
  secret: new Secret(`sk-ant-api03-${name}`),
  ...more,
});

const known = (name: string, secret: string | null, more: Partial<AccountRecord> = {}): KnownAccount => ({
  record: accountRecord(name, { kind: 'api-key', baseUrl: 'https://api.anthropic.com', ...more }),
  secret: secret === null ? null : new Secret(secret),
});

const plan = (accounts: ImportedAccount[], existing: KnownAccount[] = [], more: object = {}) =>
  planImport(accounts, { from: 'cc-router', known: existing, name: null, baseUrl: null, ...more });
const outline = (rows: ReturnType<typeof plan>) =>
  rows.map(({ name, action, reason }) => [name, action, reason]);

describe('names', () => {
  test.each([
    ['work', 'work'],
    ['ann@example.com (Acme)', 'ann@example.com-Acme'],
    ['max account 2', 'max-account-2'],
    ['Ünïcode', 'U-ni-code'],
    ['--x', 'x'],
    ['日本', 'tool'],
    ['', 'tool'],
    ['\u001b[31mred', '31mred'],
    ['x'.repeat(80), 'x'.repeat(64)],
  ])('%j becomes %j', (name, fitting) => {
    expect(fittingName(name, 'tool')).toBe(fitting);
  });

  test('a clash gets -2, then -3, and stays as long as names may be', () => {
    expect(freeName('a', new Set(['a']))).toBe('a-2');
    expect(freeName('a', new Set(['a', 'a-2']))).toBe('a-3');
    expect(freeName('x'.repeat(64), new Set(['x'.repeat(64)]))).toBe(`${'x'.repeat(62)}-2`);
    expect(
      outline(
        plan([source('a'), source('a', { secret: new Secret('sk-ant-api03-other') })], [known('a', 'k')]),
      ),
    ).toEqual([
      ['a-2', 'add', null],
      ['a-3', 'add', null],
    ]);
  });

  test('a name that was given takes the place of the tool’s', () => {
    expect(outline(plan([source('a')], [], { name: 'mine' }))).toEqual([['mine', 'add', null]]);
  });
});

describe('what is here already', () => {
  test('is found by the same secret, however a login is written down', () => {
    const login = '{"accessToken":"sk-ant-oat01-one","refreshToken":"sk-ant-ort01-same"}';
    const other = '{"accessToken":"sk-ant-oat01-two","refreshToken":"sk-ant-ort01-same","expiresAt":5}';
    const rows = plan(
      [source('a', { kind: 'login', secret: new Secret(login) }), source('b')],
      [known('x', other)],
    );
    expect(outline(rows)).toEqual([
      ['x', 'skip', 'it is here already, as x'],
      ['b', 'add', null],
    ]);
    expect(rows.map(({ holder }) => holder?.name)).toEqual(['x', undefined]);
  });

  test('is found by the account of the provider, in the same organisation', () => {
    const there = known('x', null, { login: loginFacts({ accountUuid: 'u', organization: 'Acme' }) });
    const at = (organization: string | null) => source('a', { accountUuid: 'u', organization });
    const skipped = ['a', 'skip', 'the same account of the provider is here already, as x'];
    expect(outline(plan([at('Acme')], [there]))).toEqual([skipped]);
    expect(outline(plan([at(null)], [there]))).toEqual([skipped]);
    expect(outline(plan([at('Home')], [there]))).toEqual([['a', 'add', null]]);
  });

  test('is found by where it came from, also when its tokens are others by now', () => {
    const there = known('x', 'renewed', { importedFrom: 'cc-router:a' });
    expect(outline(plan([source('a')], [there]))).toEqual([
      ['a', 'skip', 'it was taken over before, as x; remove it first to take it over again'],
    ]);
    expect(outline(plan([source('a')], [there], { from: 'teamclaude' }))).toEqual([['a', 'add', null]]);
    expect(originOf('t', { sourceId: `a\u0007${'b'.repeat(300)}` })).toBe(`t:a${'b'.repeat(197)}`);
  });

  test('a login that ends later there than here is taken anew, and no other', () => {
    const login = (name: string, expiresAt: number) =>
      `{"accessToken":"sk-ant-oat01-${name}","refreshToken":"sk-ant-ort01-${name}","expiresAt":${expiresAt}}`;
    const there = source('a', { kind: 'login', secret: new Secret(login('theirs', 2_000)) });
    const ours = (expiresAt: number, more: Partial<AccountRecord> = {}) =>
      known('x', login('ours', expiresAt), { kind: 'login', importedFrom: 'cc-router:a', ...more });
    const [row] = plan([there], [ours(1_000)]);
    expect(row).toMatchObject({ action: 'update', name: 'x', reason: 'its login there is newer' });
    expect(row?.holder?.name).toBe('x');
    const others = [
      ours(2_000),
      ours(3_000),
      { ...ours(1_000), secret: null },
      ours(1_000, { login: loginFacts({ linkedTo: '/home/ann/.claude' }) }),
    ];
    for (const other of others) expect(plan([there], [other])[0]).toMatchObject({ action: 'skip' });
  });

  test('one secret twice in a store is one account', () => {
    const twin = source('b', { secret: new Secret('sk-ant-api03-a') });
    expect(outline(plan([source('a'), twin]))).toEqual([
      ['a', 'add', null],
      ['b', 'skip', 'it has the same secret as a'],
    ]);
  });
});

describe('what does not fit', () => {
  test('an address that may not be used is said', () => {
    const [row] = plan([source('a', { kind: 'compatible', baseUrl: 'http://relay.example' })]);
    expect(row).toMatchObject({ action: 'skip', reason: expect.stringContaining('is not encrypted') });
  });

  test('models are never widened: those that fit stay, none is no account', () => {
    const [some, none] = plan([
      source('a', { models: ['claude-*', 'two words'] }),
      source('b', { models: ['two words'] }),
    ]);
    expect(some).toMatchObject({
      action: 'add',
      models: ['claude-*'],
      notes: ['1 of its models was not taken'],
    });
    const many = Array.from({ length: 103 }, (_, at) => `m-${at}`);
    const [cut, whole] = plan([source('c', { models: many }), source('d', { models: ['m'] })]);
    expect([cut?.models?.length, cut?.notes]).toEqual([100, ['3 of its models were not taken']]);
    expect(whole?.notes).toEqual([]);
    expect(none).toMatchObject({ action: 'skip', reason: 'none of its models has a name that fits' });
  });

  test('a priority out of range becomes the usual one, and that is said', () => {
    const [row] = plan([source('a', { priority: -1 })]);
    expect(row).toMatchObject({
      action: 'add',
      priority: null,
      notes: ['its priority does not fit and was not taken'],
    });
  });

  test('the address that was given is for accounts without one of their own', () => {
    const relay = source('b', { kind: 'compatible', baseUrl: 'https://relay.example' });
    const rows = plan([source('a'), relay], [], { baseUrl: 'http://127.0.0.1:1' });
    expect(rows.map(({ baseUrl }) => baseUrl)).toEqual(['http://127.0.0.1:1', 'https://relay.example']);
  });
});
