import { describe, expect, it } from 'vitest';
import { planLogin, type LoginWish } from '../../source/commands/login-plan.ts';
import { CcrError } from '../../source/shared/errors.ts';
import type { AccountRecord } from '../../source/shared/types.ts';
import { accountRecord, loginFacts } from '../kit/records.ts';

const record = (name: string, change: Partial<AccountRecord> = {}): AccountRecord =>
  accountRecord(name, {
    kind: 'login',
    baseUrl: 'https://api.anthropic.com',
    login: loginFacts(),
    ...change,
  });
const home = record('home');
const accounts = [
  home,
  record('linked', { login: loginFacts({ linkedTo: '/home/me/.claude' }) }),
  record('key', { kind: 'api-key' }),
  record('token', { kind: 'setup-token' }),
];
const wish = (name: string, change: Partial<LoginWish> = {}): LoginWish => ({
  name,
  baseUrl: null,
  makesKey: false,
  ...change,
});

const refusalOf = (wanted: LoginWish): [code: string, line: string] => {
  try {
    planLogin(accounts, wanted);
  } catch (error) {
    if (error instanceof CcrError) return [error.code, error.lines.join()];
    throw error;
  }
  throw new Error('was not refused');
};

describe('signing in under a name', () => {
  it.each([
    ['one that is free', wish('new'), { kind: 'new-login', name: 'new' }],
    ['one that is free, for a key', wish('new', { makesKey: true }), { kind: 'new-key', name: 'new' }],
    ['that of a login', wish('home'), { kind: 'again', record: home }],
    ['the id of a login', wish('id-home'), { kind: 'again', record: home }],
    ['that of a login, with its own address', wish('home', { baseUrl: home.baseUrl }), { kind: 'again' }],
  ])('%s', (_, wanted, plan) => {
    expect(planLogin(accounts, wanted)).toMatchObject(plan);
  });

  it.each([
    ['no name', wish('a b'), 'usage', /is not an account name/],
    ['an open address', wish('new', { baseUrl: 'http://relay.example' }), 'bad_base_url', /not encrypted/],
    ['a name that is taken, for a key', wish('home', { makesKey: true }), 'duplicate_account', /already is/],
    [
      'a key',
      wish('key'),
      'unsupported_kind',
      /kind api-key, and nobody signs in to that; choose another name/,
    ],
    ['a setup token', wish('token'), 'unsupported_kind', /kind setup-token, and nobody signs in/],
    [
      'the login of a Claude Code',
      wish('linked'),
      'unsupported_kind',
      /in \/home\/me\/\.claude; sign in there/,
    ],
    [
      'another address for a login',
      wish('home', { baseUrl: 'https://relay.example' }),
      'usage',
      /stays there/,
    ],
  ] as const)('%s is refused before anybody signs in', (_, wanted, code, line) => {
    expect(refusalOf(wanted)).toEqual([code, expect.stringMatching(line)]);
  });
});
