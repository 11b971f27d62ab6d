import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loginFromText } from '../../source/credentials/login.ts';
import { checkLogin, checkSetupToken } from '../../source/credentials/login-input.ts';
import { CcrError } from '../../source/shared/errors.ts';

const access = 'sk-ant-oat01-access-marker';
const refresh = 'sk-ant-ort01-refresh-marker';
const login = { accessToken: access, refreshToken: refresh, expiresAt: 1_790_000_000_000 };

const refusalOf = (take: () => unknown): string => {
  try {
    take();
  } catch (error) {
    if (error instanceof CcrError && error.code === 'bad_secret') return error.lines.join();
    throw error;
  }
  throw new Error('was taken');
};

describe('a login', () => {
  it.each([
    ['alone', login],
    ['in a whole credentials file of Claude Code', { claudeAiOauth: login, mcpOAuth: { other: 'secret' } }],
  ])('is taken %s, and nothing else of it', (_, document) => {
    const stored = checkLogin(JSON.stringify(document, null, 2)).reveal();
    expect(JSON.parse(stored)).toEqual(login);
    expect(loginFromText(stored)?.refreshToken?.reveal()).toBe(refresh);
  });

  it('keeps its scopes, and needs no time', () => {
    const text = JSON.stringify({ accessToken: access, refreshToken: refresh, scopes: ['user:inference'] });
    expect(checkLogin(text).reveal()).toBe(text);
  });

  it.each([
    ['no JSON', 'hello', /not the JSON of a login/],
    ['JSON that is no object', '[1]', /not the JSON of a login/],
    ['JSON that is cut', JSON.stringify(login).slice(0, -2), /not the JSON of a login/],
    ['a token of its own', access, /one token and not a login; .*--kind setup-token/],
    ['a key', 'sk-ant-api03-key-marker', /one token and not a login/],
    ['nothing in it', '{}', /no access token/],
    ['empty tokens', JSON.stringify({ ...login, accessToken: '' }), /no access token/],
    ['no refresh token', JSON.stringify({ accessToken: access }), /no refresh token.*--kind setup-token/],
    ['an empty refresh token', JSON.stringify({ ...login, refreshToken: '' }), /no refresh token/],
    [
      'a key in place of the token',
      JSON.stringify({ ...login, accessToken: 'sk-ant-api03-marker' }),
      /access token/,
    ],
    [
      'tokens the wrong way round',
      JSON.stringify({ accessToken: refresh, refreshToken: access }),
      /access token/,
    ],
    ['the access token twice', JSON.stringify({ ...login, refreshToken: access }), /no refresh token/],
    ['a time in seconds', JSON.stringify({ ...login, expiresAt: 1_790_000_000 }), /not in milliseconds/],
  ])('with %s is refused with the shape that is wanted', (_, text, what) => {
    const line = refusalOf(() => checkLogin(text));
    expect(line).toMatch(what);
    expect(line).toMatch(/wanted \{"accessToken":"…","refreshToken":"…","expiresAt":ms\}/);
    expect(line).not.toMatch(/marker/);
  });
});

describe('a setup token', () => {
  it('is one line of its shape', () => {
    expect(checkSetupToken(access).reveal()).toBe(access);
  });

  it.each([
    'hello',
    'sk-ant-api03-key-marker',
    refresh,
    'sk-ant-oat01-two words marker',
    `sk-ant-oat01-${'x'.repeat(2000)}`,
    JSON.stringify(login),
  ])('is not %.30j', (text) => {
    const line = refusalOf(() => checkSetupToken(text));
    expect(line).toMatch(/wanted the one line that claude setup-token prints: sk-ant-oat01-…/);
    expect(line).not.toMatch(/marker/);
  });
});

it('whatever is refused stands nowhere in the refusal', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 12 }), fc.constantFrom(checkLogin, checkSetupToken), (text, check) => {
      expect(refusalOf(() => check(`zq${text}`))).not.toContain(`zq${text}`.slice(0, 8));
    }),
  );
});
