import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkBaseUrl,
  checkEntry,
  checkKind,
  checkName,
  checkNewAccount,
  checkSecret,
} from '../../source/credentials/account-input.ts';
import type { NewAccount } from '../../source/shared/commands.ts';
import { CcrError } from '../../source/shared/errors.ts';
import { Secret } from '../../source/shared/secret.ts';
import { asEpoch, type LoginFacts } from '../../source/shared/types.ts';

const errorOf = (run: () => unknown): CcrError | null => {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof CcrError) return error;
    throw error;
  }
};

const facts: LoginFacts = {
  termsAcceptedAt: asEpoch(1_790_000_000_000),
  linkedTo: null,
  accountUuid: null,
  organization: null,
  plan: null,
};

const account = (change: Partial<NewAccount> = {}): NewAccount => ({
  name: 'work',
  kind: 'api-key',
  baseUrl: null,
  priority: null,
  weight: null,
  ...change,
});

test('an account of the default kind needs nothing but a name', () => {
  expect(checkNewAccount(account())).toEqual({
    name: 'work',
    kind: 'api-key',
    baseUrl: 'https://api.anthropic.com',
    priority: 200,
    weight: 1,
  });
});

test.each(['login', 'setup-token'] as const)('a %s goes first, and says who said yes to it', (kind) => {
  expect(checkNewAccount(account({ kind, login: facts }))).toEqual({
    name: 'work',
    kind,
    baseUrl: 'https://api.anthropic.com',
    priority: 100,
    weight: 1,
    login: facts,
  });
  // What is kept of a login is of no use for a key.
  expect(checkNewAccount(account({ login: facts }))).not.toHaveProperty('login');
});

test.each<[Partial<NewAccount>, string, string]>([
  [{ name: 'a b' }, 'usage', '"a b" is not an account name'],
  [
    { kind: 'openai' },
    'unsupported_kind',
    'accounts of kind openai cannot be used by this version; use api-key or compatible',
  ],
  [
    { kind: 'login' },
    'terms_not_accepted',
    'nobody has said yes to the notice about Claude logins; ccr-tui account add and account login show it',
  ],
  [{ kind: 'setup-token' }, 'terms_not_accepted', 'nobody has said yes'],
  [{ kind: 'login', login: { ...facts, organization: '' } }, 'usage', 'the login organization'],
  [{ kind: 'compatible' }, 'bad_base_url', 'an account of kind compatible needs a base URL; add --base-url'],
  [
    { baseUrl: 'http://relay.example' },
    'bad_base_url',
    'the base URL "http://relay.example" is not encrypted; use https',
  ],
  [
    { baseUrl: 'https://me:hunter2@relay.example' },
    'bad_base_url',
    'the base URL holds a user name or password',
  ],
  [{ baseUrl: 'https://relay.example/?x' }, 'bad_base_url', 'the base URL has a query or a fragment'],
  [{ priority: 1.5 }, 'usage', 'the priority 1.5 is not a whole number'],
  [{ weight: -1 }, 'usage', 'the weight -1 is not a weight'],
  [{ overage: 0 }, 'usage', 'the overage: 0 is no word on paid overage'],
  [{ concurrent: 0.5 }, 'usage', 'the number of requests at once: 0.5 is not a whole number'],
])('%j is refused as %s', (change, code, line) => {
  const error = errorOf(() => checkNewAccount(account(change)));
  expect(error?.code).toBe(code);
  expect(error?.exitCode).toBe(2);
  expect(error?.lines[0]).toContain(line);
  expect(error?.lines[0]).not.toContain('hunter2');
});

test('what is given is kept in its normal form', () => {
  const given = {
    kind: 'compatible',
    baseUrl: 'http://127.0.0.1:9000/v1/',
    priority: 0,
    weight: 0.25,
    concurrent: 4,
  } as const;
  expect(checkNewAccount(account(given))).toMatchObject({ ...given, baseUrl: 'http://127.0.0.1:9000' });
  expect(checkBaseUrl('api-key', 'https://gateway.example/v1')).toBe('https://gateway.example');
  expect(checkNewAccount(account({ concurrent: 0 }))).not.toHaveProperty('concurrent');
  expect(checkName('me@home')).toBe('me@home');
  expect(() => checkKind('magic')).toThrow(expect.objectContaining({ code: 'unsupported_kind' }));
});

describe('the entry to store', () => {
  const entry = (kind: 'login' | 'setup-token', text: string): string =>
    checkEntry({ kind, baseUrl: 'https://api.anthropic.com' }, new Secret(text), false).reveal();
  const login = (length: number): string =>
    JSON.stringify({
      accessToken: `sk-ant-oat01-${'a'.repeat(length)}`,
      refreshToken: 'sk-ant-ort01-refresh',
    });

  test('is the secret of its kind, bound to its host', () => {
    expect(entry('setup-token', ' sk-ant-oat01-token\n')).toBe(
      'https://api.anthropic.com sk-ant-oat01-token',
    );
    expect(entry('login', `\n${login(9)} `)).toBe(`https://api.anthropic.com ${login(9)}`);
  });

  test('is refused when the smallest keychain could not hold it', () => {
    const most = 2399 - entry('login', login(0)).length;
    expect(entry('login', login(most))).toHaveLength(2399);
    expect(errorOf(() => entry('login', login(most + 1)))).toMatchObject({
      code: 'bad_secret',
      message: 'the secret is too long',
    });
  });
});

describe('a secret', () => {
  const take = (kind: 'api-key' | 'compatible', text: string, force = false): string =>
    checkSecret(kind, new Secret(text), force).reveal();

  test('of the right shape is taken, without the white space around it', () => {
    expect(take('api-key', ' sk-ant-api03-abc_DEF-9\r\n')).toBe('sk-ant-api03-abc_DEF-9');
    expect(take('compatible', 'any{thing}~')).toBe('any{thing}~');
  });

  test.each<['api-key' | 'compatible', string, string]>([
    ['api-key', '', 'the secret is empty'],
    ['compatible', ' \n', 'the secret is empty'],
    ['api-key', 'sk-ant-oat01-abc', 'this is the token of a Claude login, not an API key'],
    ['compatible', 'sk-ant-oat01-abc', 'this is the token of a Claude login, not an API key'],
    ['api-key', 'sk-ant-ort01-abc', 'this is the token of a Claude login, not an API key'],
    ['api-key', '{"accessToken":"sk-ant-oat01-abc"}', 'this is a whole Claude login, not an API key'],
    ['compatible', '{"claudeAiOauth":{"accessToken":""}}', 'this is a whole Claude login, not an API key'],
    ['api-key', 'sk-ant-admin01-abc', 'this is not a key of the Claude Console'],
    ['api-key', 'sk-abc', 'this is not a key of the Claude Console'],
    ['api-key', 'SK-ANT-API03-abc', 'this is not a key of the Claude Console'],
    ['api-key', 'sk-ant-api03-a b', 'this is not a key of the Claude Console'],
    ['api-key', 'sk-ant-api03-a\u0000b', 'this is not a key of the Claude Console'],
    ['compatible', 'two words', 'the secret holds spaces or unusual characters'],
    ['compatible', 'ключ', 'the secret holds spaces or unusual characters'],
    ['compatible', 'x'.repeat(2301), 'the secret is too long'],
  ])('of kind %s such as %j is refused', (kind, text, message) => {
    expect(errorOf(() => take(kind, text))).toMatchObject({ code: 'bad_secret', message });
  });

  test('of unusual shape is taken by force, but never what no header can carry, nor a login token', () => {
    expect(take('compatible', 'two words é', true)).toBe('two words é');
    for (const text of ['a\nb', 'a\r\nx-evil: 1', 'ключ', 'a\u0000b', 'sk-ant-oat01-abc', '']) {
      expect(errorOf(() => take('compatible', text, true))?.code).toBe('bad_secret');
    }
    expect(errorOf(() => take('api-key', 'other', true))?.code).toBe('bad_secret');
  });

  test('that is taken can be sent as a header, and one that is refused stands nowhere in the error', () => {
    const text = fc.string({ unit: 'binary', minLength: 12 }).map((tail) => `zq${tail}`);
    fc.assert(
      fc.property(
        text,
        fc.boolean(),
        fc.constantFrom('api-key' as const, 'compatible' as const),
        (raw, force, kind) => {
          let header = 'fine';
          const error = errorOf(() => (header = take(kind, raw, force)));
          expect(() => new Headers({ 'x-api-key': header })).not.toThrow();
          expect(`${error?.message} ${error?.hint} ${error?.stack}`).not.toContain(raw.slice(0, 8));
        },
      ),
    );
  });
});
