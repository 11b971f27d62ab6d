import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loginFromText, loginText, parseLogin } from '../../source/credentials/login.ts';
import { Secret } from '../../source/shared/secret.ts';
import { asEpoch } from '../../source/shared/types.ts';

const login = {
  accessToken: new Secret('sk-ant-oat01-marker'),
  refreshToken: new Secret('sk-ant-ort01-marker'),
  expiresAt: asEpoch(1_795_339_200_000),
  scopes: ['user:inference', 'user:profile'],
};

describe('a login', () => {
  test('comes back from its text', () => {
    const read = loginFromText(loginText(login).reveal());
    expect(read?.accessToken.reveal()).toBe('sk-ant-oat01-marker');
    expect(read?.refreshToken?.reveal()).toBe('sk-ant-ort01-marker');
    expect(read).toMatchObject({ expiresAt: login.expiresAt, scopes: login.scopes });
  });

  test('without a refresh token, an end and scopes is one, too', () => {
    const text = loginText({ ...login, refreshToken: null, expiresAt: null, scopes: [] });
    expect(text.reveal()).toBe('{"accessToken":"sk-ant-oat01-marker"}');
    expect(loginFromText(text.reveal())).toMatchObject({ refreshToken: null, expiresAt: null, scopes: [] });
  });

  test("is found in Claude Code's own file, whatever else is in there", () => {
    const file = { mcpOAuth: { x: 1 }, claudeAiOauth: { accessToken: 'sk-ant-oat01-theirs', expiresAt: 5 } };
    expect(parseLogin(file)?.accessToken.reveal()).toBe('sk-ant-oat01-theirs');
  });

  test.each(['', '{', 'null', '[]', '{"accessToken":""}', '{"accessToken":7}', '{"claudeAiOauth":{}}'])(
    'is not in %s',
    (text) => expect(loginFromText(text)).toBeNull(),
  );

  test('a token that no header could carry is none', () => {
    expect(parseLogin({ accessToken: 'sk-ant-oat01\r\nx: y' })).toBeNull();
  });

  test('any JSON is a login or null, and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const read = parseLogin(value);
        expect(read === null || read.accessToken instanceof Secret).toBe(true);
      }),
    );
  });
});
