import { describe, expect, it } from 'vitest';
import { auditOf, settingChanged } from '../../source/shared/audit-event.ts';

describe('what is recorded of a command', () => {
  it('is nothing for one that only reads or stops', () => {
    expect(auditOf({ name: 'status', args: {} }, {})).toBeNull();
    expect(auditOf({ name: 'account.list', args: {} }, [])).toBeNull();
    expect(auditOf({ name: 'stop', args: {} }, { draining: 0 })).toBeNull();
  });

  it('of an account is its name as it is now, however it was called', () => {
    expect(auditOf({ name: 'account.remove', args: { account: 'some-id' } }, { name: 'work' })).toEqual({
      event: 'account.removed',
      account: 'work',
    });
  });
});

it('of a changed account is what was changed, and of all of them their names', () => {
  const unchanged = { priority: null, weight: null, caps: null, models: null, baseUrl: null };
  const args = { account: 'some-id', ...unchanged, caps: {} };
  expect(auditOf({ name: 'account.set', args }, { name: 'work' })).toEqual({
    event: 'account.changed',
    account: 'work',
    caps: {},
  });
  expect(auditOf({ name: 'account.rename', args: { account: 'a', to: 'b' } }, {})).toEqual({
    event: 'account.renamed',
    account: 'a',
    to: 'b',
  });
  expect(auditOf({ name: 'account.prefer', args: { account: 'a' } }, { name: 'work' })).toEqual({
    event: 'account.preferred',
    account: 'work',
  });
  expect(auditOf({ name: 'account.prefer', args: { account: null } }, null)).toMatchObject({ account: null });
  expect(auditOf({ name: 'account.pauseAll', args: {} }, { names: ['a'] })).toEqual({
    event: 'accounts.paused',
    accounts: ['a'],
  });
  expect(auditOf({ name: 'account.test', args: { account: 'a' } }, {})).toBeNull();
});

describe('what is recorded of the secret stores', () => {
  it('is how the vault is locked, and how much was moved where', () => {
    expect(auditOf({ name: 'vault.passwd', args: { kdf: 'scrypt' } }, {})).toEqual({
      event: 'vault.locked',
      passphrase: true,
    });
    expect(auditOf({ name: 'vault.passwd', args: { kdf: null } }, {})).toMatchObject({ passphrase: false });
    const report = { accounts: 2, clientKeys: 1, named: 0, left: ['a sentence'] };
    expect(auditOf({ name: 'vault.move', args: { to: 'keychain' } }, report)).toEqual({
      event: 'secrets.moved',
      to: 'keychain',
      accounts: 2,
      clientKeys: 1,
      named: 0,
    });
  });
});

describe('a setting', () => {
  it.each([
    'host',
    'port',
    'tls.cert',
    'insecureBind',
    'allowedAddresses',
    'allowedHosts',
    'allowedOrigins',
    'requireClientKey',
    'trustedProxies',
  ])('%s decides who comes in', (key) => expect(settingChanged(key, 1).event).toBe('bind.changed'));
  it.each(['strategy', 'drainMs', 'timeouts.connectMs', 'history.maxMiB'])('%s does not', (key) =>
    expect(settingChanged(key, 1).event).toBe('setting.changed'),
  );
  it('whose value lets one in is told without it: of a webhook only where it is', () => {
    const url = 'https://hooks.example/services/T0/B0/so-secret?token=as-well';
    const told = auditOf(
      { name: 'config.set', args: { key: 'webhook.url', value: url } },
      { restart: false },
    );
    expect(told).toMatchObject({ setting: 'webhook.url', value: 'https://hooks.example' });
    expect(settingChanged('webhook.url', '')).toMatchObject({ value: '' });
    expect(settingChanged('webhook.url', null)).toMatchObject({ value: null });
    expect(settingChanged('webhook.events', ['budget'])).toMatchObject({ value: ['budget'] });
  });
});
