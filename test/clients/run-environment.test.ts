import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runEnvironment } from '../../source/clients/run-environment.ts';
import { Secret } from '../../source/shared/secret.ts';

const url = 'http://127.0.0.1:4180';
const run = (env: Record<string, string | undefined>) => runEnvironment(env, url, new Secret('ccr_key'));

describe('the environment of a program behind the proxy', () => {
  test('names the address and the key for both vendors', () => {
    expect(run({ PATH: '/bin' })).toEqual({
      PATH: '/bin',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:4180',
      ANTHROPIC_AUTH_TOKEN: 'ccr_key',
      OPENAI_BASE_URL: 'http://127.0.0.1:4180/v1',
      OPENAI_API_KEY: 'ccr_key',
    });
    expect(runEnvironment({}, 'http://[::1]:99/', new Secret('k'))).toMatchObject({
      ANTHROPIC_BASE_URL: 'http://[::1]:99',
      OPENAI_BASE_URL: 'http://[::1]:99/v1',
    });
  });

  test('trusts the certificate of an https port, unless it is told of another', () => {
    const secure = 'https://127.0.0.1:4180';
    const trusted = (env: Record<string, string>, at = secure) =>
      runEnvironment(env, at, new Secret('k'), '/tls/cert.pem')['NODE_EXTRA_CA_CERTS'];
    expect(trusted({})).toBe('/tls/cert.pem');
    expect(trusted({ NODE_EXTRA_CA_CERTS: '/company.pem' })).toBe('/company.pem');
    expect(trusted({}, url)).toBeUndefined();
    expect(runEnvironment({}, secure, new Secret('k'))).not.toHaveProperty('NODE_EXTRA_CA_CERTS');
  });

  test('holds no credential of before, whatever was set', () => {
    const names = ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN', 'ANTHROPIC_AUTH_TOKEN', 'OPENAI_API_KEY'];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names, 'HOME'), fc.constant('sk-old')), (env) => {
        const { HOME: _, ...child } = run(env);
        expect(Object.values(child)).not.toContain('sk-old');
        expect(child).not.toHaveProperty('ANTHROPIC_API_KEY');
        expect(child).not.toHaveProperty('CLAUDE_CODE_OAUTH_TOKEN');
      }),
    );
  });

  test('keeps everything else, and the given one as it was', () => {
    const env = Object.freeze({ HOME: '/root', EMPTY: '', GONE: undefined, ANTHROPIC_API_KEY: 'sk-old' });
    expect(run(env)).toMatchObject({ HOME: '/root', EMPTY: '' });
    expect(run(env)).not.toHaveProperty('GONE');
    expect(env.ANTHROPIC_API_KEY).toBe('sk-old');
  });

  test.each([
    [{ HTTPS_PROXY: 'http://proxy:3128' }, '127.0.0.1'],
    [{ http_proxy: 'http://proxy:3128', NO_PROXY: 'corp.example' }, 'corp.example,127.0.0.1'],
    [{ ALL_PROXY: 'socks://p', no_proxy: 'a.example, b.example' }, 'a.example, b.example,127.0.0.1'],
  ])('keeps the way to the proxy out of a company proxy: %j', (env, list) => {
    expect(run(env)).toMatchObject({ NO_PROXY: list, no_proxy: list });
  });

  test('leaves a list alone that covers the address already, or that nobody needs', () => {
    expect(run({ HTTP_PROXY: 'http://p', NO_PROXY: '*' })).toMatchObject({ NO_PROXY: '*' });
    expect(run({ HTTP_PROXY: 'http://p', NO_PROXY: 'a, 127.0.0.1' })).not.toHaveProperty('no_proxy');
    expect(run({ NO_PROXY: 'a' })).toMatchObject({ NO_PROXY: 'a' });
    expect(run({})).not.toHaveProperty('NO_PROXY');
  });
});
