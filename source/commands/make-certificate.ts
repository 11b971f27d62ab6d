import { isIP } from 'node:net';
import { webcrypto, X509Certificate } from 'node:crypto';
import type { EpochMs } from '../shared/types.ts';

export type CertificateWish = {
  /** Names and addresses that clients may call the port by. */
  hosts: readonly string[];
  days: number;
  now: EpochMs;
};

export type MadeCertificate = {
  /** PEM. */
  cert: string;
  /** PEM, PKCS #8. A secret. */
  key: string;
  /** SHA-256 of the certificate, `AB:CD:…`. */
  fingerprint: string;
  expiresAt: EpochMs;
};

const dayMs = 86_400_000;

/** Clocks differ; a certificate that begins now is not valid yet on the other machine. */
const clockSkewMs = 3_600_000;

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

const pemOf = (der: ArrayBuffer): string => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
};

/**
 * A certificate for a port, signed with its own key. It is no authority (CA:FALSE): who trusts it trusts this one
 * key for these hosts, and nothing that the key might sign.
 */
export const makeCertificate = async ({ hosts, days, now }: CertificateWish): Promise<MadeCertificate> => {
  // Its decorators keep their notes there; it does not load it by itself.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const notAfter = new Date(now + days * dayMs);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      // RFC 5280 wants a positive number; 16 random bytes below 0x80 are one.
      serialNumber: `3f${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString('hex')}`,
      // The same name each time would let a client mix up an old certificate with this one.
      name: [{ CN: ['ccr-tui'] }, { OU: [new Date(now).toISOString()] }],
      notBefore: new Date(now - clockSkewMs),
      notAfter,
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          hosts.map((host) => ({ type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const), value: host })),
        ),
      ],
    },
    webcrypto,
  );
  const cert = `${certificate.toString('pem')}\n`;
  const made = new X509Certificate(cert);
  return {
    cert,
    key: pemOf(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)),
    fingerprint: made.fingerprint256,
    expiresAt: new Date(made.validTo).getTime() as EpochMs,
  };
};
