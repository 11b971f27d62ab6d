import { describe, expect, test } from 'vitest';
import { isKeyRequired, requiresClientKey } from '../../source/config/key-requirement.ts';
import { loadSettings } from '../../source/config/settings.ts';
import { resolvePaths } from '../../source/config/paths.ts';
import { unlimited, type ClientKeyRecord } from '../../source/shared/client-key.ts';
import { asEpoch } from '../../source/shared/types.ts';

const here = { host: '127.0.0.1', insecureBind: false };
const everywhere = { host: '0.0.0.0', insecureBind: false };

describe('a client has to show a key', () => {
  test('with auto beyond loopback and once a person has made one; what was set goes before', () => {
    const table = [here, everywhere].flatMap((bind) =>
      [true, false].map((hasUserKeys) => isKeyRequired({ requireClientKey: 'auto', ...bind }, hasUserKeys)),
    );
    expect(table).toEqual([true, false, true, true]);
    expect(isKeyRequired({ requireClientKey: true, ...here }, false)).toBe(true);
    expect(isKeyRequired({ requireClientKey: false, ...here }, true)).toBe(false);
  });

  test('beyond loopback whatever was set, unless an open port was asked for in so many words', () => {
    expect(isKeyRequired({ requireClientKey: false, ...everywhere }, true)).toBe(true);
    const open = { ...everywhere, insecureBind: true };
    expect(isKeyRequired({ requireClientKey: 'auto', ...open }, false)).toBe(false);
    expect(isKeyRequired({ requireClientKey: 'auto', ...open }, true)).toBe(true);
  });

  test('for a key of a person, also a revoked one, and for none of a program', () => {
    const { config } = loadSettings({ paths: resolvePaths({ CCR_TUI_HOME: '/nonexistent' }), env: {} });
    const key = (kind: ClientKeyRecord['kind'], revoked = false): ClientKeyRecord => ({
      id: 'one',
      name: 'ci',
      kind,
      hash: '',
      previous: null,
      store: 'vault',
      createdAt: asEpoch(1),
      lastUsedAt: null,
      revokedAt: revoked ? asEpoch(2) : null,
      limits: unlimited,
      process: null,
    });
    const requires = (...clientKeys: ClientKeyRecord[]) => requiresClientKey({ config, clientKeys });
    expect([requires(), requires(key('connect'), key('run'))]).toEqual([false, false]);
    expect([requires(key('user')), requires(key('user', true))]).toEqual([true, true]);
  });
});
