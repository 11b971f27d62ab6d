import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { makeCertificate } from '../../source/commands/make-certificate.ts';
import { asEpoch } from '../../source/shared/types.ts';

const now = asEpoch(Date.UTC(2027, 2, 1));
const hosts = ['localhost', '127.0.0.1', '::1', 'box.lan'];
const made = await makeCertificate({ hosts, days: 30, now });
const certificate = new X509Certificate(made.cert);

describe('a certificate', () => {
  test('is for the hosts, and for no others', () => {
    for (const name of ['localhost', 'box.lan']) expect(certificate.checkHost(name)).toBe(name);
    for (const ip of ['127.0.0.1', '::1']) expect(certificate.checkIP(ip)).toBe(ip);
    expect(certificate.checkHost('evil.example')).toBeUndefined();
    expect(certificate.checkHost('x.box.lan')).toBeUndefined();
    expect(certificate.checkIP('127.0.0.2')).toBeUndefined();
  });

  test('belongs to its key, is signed with it, and may sign no others', () => {
    const key = createPrivateKey(made.key);
    expect(key.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(certificate.checkPrivateKey(key)).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
  });

  test('is valid for the days asked, also where a clock is an hour behind', () => {
    expect(made.expiresAt).toBe(now + 30 * 86_400_000);
    expect(new Date(certificate.validTo).getTime()).toBe(made.expiresAt);
    expect(new Date(certificate.validFrom).getTime()).toBe(now - 3_600_000);
  });

  test('has the fingerprint of its bytes', () => {
    const digest = createHash('sha256').update(certificate.raw).digest('hex').toUpperCase();
    expect(made.fingerprint.replaceAll(':', '')).toBe(digest);
  });

  test('is another one each time', async () => {
    const other = new X509Certificate((await makeCertificate({ hosts, days: 30, now })).cert);
    expect(other.serialNumber).not.toBe(certificate.serialNumber);
    expect(other.publicKey.equals(certificate.publicKey)).toBe(false);
  });
});
