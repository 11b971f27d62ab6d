import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { temporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';
import { certificate, putPair } from '../kit/tls-files.ts';
import { isTlsWanted, loadTls } from '../../source/proxy/tls-identity.ts';
import { systemClock } from '../../source/shared/clock.ts';
import { asEpoch } from '../../source/shared/types.ts';

let home: TemporaryHome;
beforeEach(async () => {
  home = await temporaryHome();
});
afterEach(() => home.remove());

const load = (files: { cert: string; key: string }) => loadTls(files, systemClock.now());
const [good, other] = await Promise.all([certificate(), certificate()]);

test('a good pair is taken, with its end, for TLS 1.2 and newer', async () => {
  const identity = await load(putPair(home.path, good));
  expect(identity?.expiresAt).toBe(good.expiresAt);
  expect(identity?.context.minVersion).toBe('TLSv1.2');
  expect(String(identity?.context.cert)).toBe(good.cert);
});

test('no setting is no TLS; one of two wants it, and is an error', async () => {
  expect(await load({ cert: '', key: '' })).toBeNull();
  expect(isTlsWanted({ cert: '', key: '' })).toBe(false);
  const { cert, key } = putPair(home.path, good);
  expect([isTlsWanted({ cert, key: '' }), isTlsWanted({ cert: '', key })]).toEqual([true, true]);
  await expect(load({ cert, key: '' })).rejects.toMatchObject({
    message: 'tls.cert is set and tls.key is not',
  });
  await expect(load({ cert: '', key })).rejects.toMatchObject({
    message: 'tls.key is set and tls.cert is not',
  });
});

describe('is refused, in one line that names the setting and says what to do,', () => {
  type Files = { cert: string; key: string };
  const cases: readonly (readonly [what: string, make: () => Files | Promise<Files>, says: RegExp])[] = [
    [
      'a key that its group may read',
      () => putPair(home.path, good, 0o640),
      /^tls\.key: .* \(mode 0640\); .*chmod 600/,
    ],
    ['a key that everybody may read', () => putPair(home.path, good, 0o644), /^tls\.key: .* \(mode 0644\)/],
    [
      'a key of another certificate',
      () => putPair(home.path, { ...good, key: other.key }),
      /does not belong to the key/,
    ],
    [
      'a certificate that is over',
      async () => putPair(home.path, await certificate(60)),
      /^tls\.cert: .* ended on \d{4}-/,
    ],
    ['one that has not begun', async () => putPair(home.path, await certificate(-5)), /begins only on/],
    [
      'a file that is not there',
      () => ({ ...putPair(home.path, good), cert: '/nonexistent/c' }),
      /^tls\.cert: cannot read .*ENOENT/,
    ],
    [
      'a folder',
      () => {
        mkdirSync(join(home.path, 'd'), { mode: 0o700 });
        return { ...putPair(home.path, good), key: join(home.path, 'd') };
      },
      /^tls\.key: .*(?:is not a file|EISDIR)/,
    ],
    [
      'a pipe that nobody writes to',
      () => {
        execFileSync('mkfifo', ['-m', '600', join(home.path, 'p')]);
        return { ...putPair(home.path, good), key: join(home.path, 'p') };
      },
      /is not a file/,
    ],
    ['an empty certificate', () => putPair(home.path, { ...good, cert: '' }), /holds no certificate/],
    [
      'a certificate of noise',
      () => putPair(home.path, { ...good, cert: 'x'.repeat(100) }),
      /holds no certificate/,
    ],
    [
      'half a certificate',
      () => putPair(home.path, { ...good, cert: good.cert.slice(0, 300) }),
      /holds no certificate/,
    ],
    [
      'a certificate for a key',
      () => putPair(home.path, { ...good, key: good.cert }),
      /holds no private key/,
    ],
    [
      'a public key',
      () => {
        const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        return putPair(home.path, {
          ...good,
          key: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        });
      },
      /holds no private key/,
    ],
    [
      'a key behind a passphrase',
      () => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        const secret = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' } as const;
        return putPair(home.path, { ...good, key: privateKey.export(secret).toString() });
      },
      /a private key behind a passphrase/,
    ],
    [
      '2 MiB',
      () => {
        const files = putPair(home.path, good);
        truncateSync(files.cert, 2_097_152);
        return files;
      },
      /larger than a certificate/,
    ],
  ];
  test.each(cases)('%s', async (_, make, says) => {
    const error = await load(await make()).catch((problem: unknown) => problem);
    expect(error).toMatchObject({ code: 'failed', lines: [expect.stringMatching(says)] });
    expect((error as Error).message).not.toContain('PRIVATE KEY');
  });
});

test('a chain of certificates is one, the first of them for the key', async () => {
  const files = putPair(home.path, { ...good, cert: good.cert + other.cert });
  expect((await load(files))?.expiresAt).toBe(good.expiresAt);
  writeFileSync(files.cert, other.cert + good.cert);
  await expect(load(files)).rejects.toMatchObject({ code: 'failed' });
  expect(await loadTls(putPair(home.path, good), asEpoch(good.expiresAt - 1))).not.toBeNull();
});
