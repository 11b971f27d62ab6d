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
});
