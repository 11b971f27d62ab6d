import { describe, expect, test } from 'vitest';
import {
  findSetting,
  groups,
  nearestKey,
  nest,
  schema,
  settingFromText,
  settingNamed,
  settingValue,
} from '../../source/config/schema.ts';
import { nearest } from '../../source/config/nearest.ts';

const asText = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value));

describe('the table of settings', () => {
  test('holds the keys and defaults that scripts rely on', () => {
    expect(Object.fromEntries(schema.map(({ key, default: value }) => [key, value]))).toEqual({
      port: 4180,
      host: '127.0.0.1',
      requireClientKey: 'auto',
      'clientLimits.requestsPerMinute': 'auto',
      insecureBind: false,
      allowedAddresses: [],
      allowedHosts: [],
      allowedOrigins: [],
      trustedProxies: [],
      'tls.cert': '',
      'tls.key': '',
      strategy: 'sticky',
      limitHeaders: 'auto',
      credentialStore: 'auto',
      bodyLimitMiB: 32,
      drainMs: 30_000,
      'timeouts.connectMs': 10_000,
      'timeouts.firstByteMs': 600_000,
      'timeouts.idleMs': 300_000,
      'timeouts.clientHeadersMs': 10_000,
      'timeouts.clientBodyMs': 30_000,
      loginForAgentSdk: false,
      'oauth.tokenUrl': 'https://platform.claude.com/v1/oauth/token',
      'oauth.authorizeUrl': 'https://claude.com/cai/oauth/authorize',
      'oauth.consoleAuthorizeUrl': 'https://platform.claude.com/oauth/authorize',
      'oauth.usageUrl': 'https://api.anthropic.com/api/oauth/usage',
      'oauth.profileUrl': 'https://api.anthropic.com/api/oauth/profile',
      'oauth.clientId': '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
      'oauth.refreshLeadMs': 600_000,
      usagePollMs: 600_000,
      holdMs: 0,
      prices: [],
      'history.retentionDays': 30,
      'history.maxMiB': 256,
      budgets: [],
      capture: 'off',
      captureDays: 7,
      captureKiB: 64,
      captureMiB: 64,
      'webhook.url': '',
      'webhook.events': ['limit_reached', 'account_back', 'pool_dry', 'needs_login', 'budget'],
      'screen.theme': 'auto',
      'screen.keys': [],
      'screen.notify': 'off',
      'otel.url': '',
    });
  });

  test('takes each of its own defaults, from JSON and from text', () => {
    for (const { key, default: value } of schema) {
      expect(settingValue(key, value)).toEqual(value);
      expect(settingFromText(key, asText(value))).toEqual(value);
    }
  });

  test('explains every setting in one line', () => {
    for (const { doc } of schema) expect(doc).toMatch(/^[^\n|]{10,120}$/);
  });

  test('needs a restart where something is opened once', () => {
    expect(schema.filter(({ restart }) => restart).map(({ key }) => key)).toEqual([
      'port',
      'host',
      'insecureBind',
      'tls.cert',
      'tls.key',
      'credentialStore',
      'timeouts.clientHeadersMs',
      'prices',
      'history.retentionDays',
      'history.maxMiB',
      'otel.url',
    ]);
  });
});

test('dotted keys become nested settings', () => {
  const config = nest(new Map(schema.map(({ key, default: value }) => [key, value])));
  expect(config.timeouts.connectMs).toBe(10_000);
  expect(config.history).toEqual({ retentionDays: 30, maxMiB: 256 });
  expect(config.port).toBe(4180);
  const names = ['clientLimits', 'tls', 'timeouts', 'oauth', 'history', 'webhook', 'screen', 'otel'];
  expect([...groups]).toEqual(names);
});

test.each([
  ['prot', 'port'],
  ['PORT', 'port'],
  ['hots', 'host'],
  ['connectMs', 'timeouts.connectMs'],
  ['timeouts.conectMs', 'timeouts.connectMs'],
  ['retentionDay', 'history.retentionDays'],
  ['zzzzzzzzzzzz', null],
  ['__proto__', null],
])('for the unknown key %s the nearest is %s', (typed, near) => expect(nearestKey(typed)).toBe(near));

test('a name of a megabyte is compared at once and is near to nothing', () => {
  expect(nearest('x'.repeat(1_000_000), ['port'])).toBeNull();
});

test('an unknown key is wrong usage and names the nearest one', () => {
  expect(() => settingNamed('strategi')).toThrow(
    expect.objectContaining({ code: 'usage', exitCode: 2, hint: 'did you mean strategy?' }),
  );
  expect(() => settingNamed('constructor')).toThrow(expect.objectContaining({ code: 'usage' }));
  expect(findSetting('toString')).toBeUndefined();
});

test('a wrong value is wrong usage and says what would be right', () => {
  expect(() => settingFromText('port', '80a')).toThrow(
    expect.objectContaining({ code: 'usage', hint: 'use a whole number from 0 to 65535' }),
  );
  expect(() => settingFromText('strategy', 'fastest')).toThrow(
    expect.objectContaining({ hint: expect.stringMatching(/^use sticky, sticky-simple, /) }),
  );
});
