import { describe, expect, test } from 'vitest';
import { bindWarnings, refuseOpenBind } from '../../source/config/open-bind.ts';
import { loadSettings, type SettingsInput } from '../../source/config/settings.ts';
import { unlimited, type ClientKeyRecord } from '../../source/shared/client-key.ts';
import { asEpoch } from '../../source/shared/types.ts';

const now = asEpoch(1_790_000_000_000);

const key = (changes: Partial<ClientKeyRecord> = {}): ClientKeyRecord => ({
  id: 'k1',
  name: 'laptop',
  kind: 'user',
  hash: 'x',
  previous: null,
  store: 'memory',
  createdAt: now,
  lastUsedAt: null,
  revokedAt: null,
  limits: unlimited,
  process: null,
  ...changes,
});

const tls = { cert: '/tls/cert.pem', key: '/tls/key.pem' };

const settings = (
  flags: NonNullable<SettingsInput['flags']>,
  keys: ClientKeyRecord[] = [],
  withTls = false,
) => {
  const loaded = loadSettings({ paths: { config: '/nonexistent/config.json' }, env: {}, flags });
  return { clientKeys: keys, config: { ...loaded.config, ...(withTls ? { tls } : {}) } };
};

const verdict = (bind: ReturnType<typeof settings>): readonly string[] => {
  try {
    refuseOpenBind(bind, now);
    return [];
  } catch (error) {
    expect(error).toMatchObject({ code: 'bind_refused', exitCode: 2 });
    return (error as { lines: readonly string[] }).lines;
  }
};

describe('an address beyond loopback', () => {
  test.each(['0.0.0.0', '::', '192.168.1.20', '2001:db8::1', '::ffff:127.0.0.1'])(
    '%s without both is refused in one line that names both',
    (host) => {
      const lines = verdict(settings({ host }));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain(`listening on ${host} needs a client key and TLS (no client key, no TLS)`);
      expect(lines[0]).toMatch(/ccr-tui key create NAME, ccr-tui tls self-signed; or --insecure-bind/);
    },
  );

  test.each([
    ['only TLS', settings({ host: '0.0.0.0' }, [], true), '(no client key)'],
    ['only a key', settings({ host: '0.0.0.0' }, [key()]), '(no TLS)'],
    ['a revoked key', settings({ host: '0.0.0.0' }, [key({ revokedAt: now })], true), '(no client key)'],
    [
      'a key that is over',
      settings({ host: '0.0.0.0' }, [key({ limits: { ...unlimited, expiresAt: now } })], true),
      '(no client key)',
    ],
    ['the key of a process', settings({ host: '0.0.0.0' }, [key({ kind: 'run' })], true), '(no client key)'],
    [
      'keys that nobody must show',
      settings({ host: '0.0.0.0', requireClientKey: 'false' }, [key()], true),
      '(requireClientKey is false)',
    ],
  ])('with %s is refused, and the line says what is missing', (_, bind, says) =>
    expect(verdict(bind)).toEqual([expect.stringContaining(says)]),
  );

  test('with a key and TLS is taken without a word', () => {
    for (const kind of ['user', 'connect'] as const) {
      const bind = settings({ host: '0.0.0.0' }, [key({ kind })], true);
      expect([verdict(bind), bindWarnings(bind, now)]).toEqual([[], []]);
    }
  });

  test('is taken without them on demand, loudly', () => {
    const bind = settings({ host: '0.0.0.0', insecureBind: 'true' });
    expect(verdict(bind)).toEqual([]);
    expect(bindWarnings(bind, now)).toEqual([
      expect.stringMatching(
        /^INSECURE: 0\.0\.0\.0 .*no client key and no TLS: whoever finds the port uses your accounts/,
      ),
    ]);
    const safe = settings({ host: '0.0.0.0', insecureBind: 'true' }, [key()], true);
    expect(bindWarnings(safe, now)).toEqual([]);
  });
});

test.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost'])('%s needs nothing', (host) => {
  const bind = settings({ host });
  expect([verdict(bind), bindWarnings(bind, now)]).toEqual([[], []]);
});
