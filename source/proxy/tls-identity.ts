import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { SecureContextOptions } from 'node:tls';
import { CcrError } from '../shared/errors.ts';
import { systemCode } from '../shared/system-code.ts';
import { asEpoch, type EpochMs } from '../shared/types.ts';

export type TlsFiles = { cert: string; key: string };

/** Whether the port speaks TLS; then it never speaks anything else, whatever becomes of the files. */
export const isTlsWanted = ({ cert, key }: TlsFiles): boolean => cert !== '' || key !== '';

/** What the port shows to its clients. The key stays in the hands of node:tls. */
export type TlsIdentity = {
  context: Pick<SecureContextOptions, 'cert' | 'key' | 'minVersion'>;
  expiresAt: EpochMs;
};

/** Longest file that is read: a chain of certificates takes a few KiB. */
const maxBytes = 1_048_576;

/** TLS 1.0 and 1.1 are obsolete (RFC 8996). */
export const oldestTls = 'TLSv1.2';

const refuse = (message: string, hint: string, cause?: unknown): CcrError =>
  new CcrError('failed', message, { hint, ...(cause === undefined ? {} : { cause }) });

const again = 'give another with ccr-tui config set, or make a new one: ccr-tui tls self-signed';

type Wanted = { setting: string; path: string; secret: boolean };

const readChecked = async (file: FileHandle, { setting, path, secret }: Wanted): Promise<Buffer> => {
  const stats = await file.stat();
  if (!stats.isFile()) throw refuse(`${setting}: ${path} is not a file`, again);
  if (stats.size > maxBytes) throw refuse(`${setting}: ${path} is larger than a certificate or a key`, again);
  // Windows keeps rights elsewhere; its modes say nothing.
  if (secret && process.platform !== 'win32' && (stats.mode & 0o077) !== 0) {
    const octal = (stats.mode & 0o777).toString(8).padStart(4, '0');
    throw refuse(`${setting}: other users may read ${path} (mode ${octal})`, `close it: chmod 600 ${path}`);
  }
  return file.readFile();
};

/** Reads one of the two files; the mode is that of the file that is read, whatever its path becomes meanwhile. */
const read = async (setting: string, path: string, secret: boolean): Promise<Buffer> => {
  try {
    // O_NONBLOCK: a pipe without a writer would hold the start up for ever.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      return await readChecked(file, { setting, path, secret });
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CcrError) throw error;
    throw refuse(`${setting}: cannot read ${path} (${systemCode(error)})`, again, error);
  }
};

const parseCertificate = (bytes: Buffer, path: string): X509Certificate => {
  try {
    return new X509Certificate(bytes);
  } catch (error) {
    throw refuse(`tls.cert: ${path} holds no certificate`, again, error);
  }
};

const parseKey = (bytes: Buffer, path: string): KeyObject => {
  try {
    return createPrivateKey(bytes);
  } catch (error) {
    const what = bytes.includes('ENCRYPTED') ? 'a private key behind a passphrase' : 'no private key';
    throw refuse(`tls.key: ${path} holds ${what}`, again, error);
  }
};

const timeOf = (text: string): EpochMs => asEpoch(new Date(text).getTime());

/** The day (UTC) as a person reads it. */
export const dayText = (at: EpochMs): string => new Date(at).toISOString().slice(0, 10);

/**
 * The certificate and the key as they lie there now; null when neither is set. Rejects with one CcrError that names the
 * setting and what is wrong: one is missing, unreadable, open to others, no certificate or key, over, or of another key.
 */
export const loadTls = async ({ cert, key }: TlsFiles, now: EpochMs): Promise<TlsIdentity | null> => {
  if (!isTlsWanted({ cert, key })) return null;
  if (cert === '' || key === '') {
    const [is, missing] = cert === '' ? ['tls.key', 'tls.cert'] : ['tls.cert', 'tls.key'];
    throw refuse(`${is} is set and ${missing} is not`, `TLS needs both: ccr-tui config set ${missing} FILE`);
  }
  const [certBytes, keyBytes] = [await read('tls.cert', cert, false), await read('tls.key', key, true)];
  const certificate = parseCertificate(certBytes, cert);
  const privateKey = parseKey(keyBytes, key);
  const [from, to] = [timeOf(certificate.validFrom), timeOf(certificate.validTo)];
  if (to <= now) throw refuse(`tls.cert: ${cert} ended on ${dayText(to)}`, again);
  if (from > now) throw refuse(`tls.cert: ${cert} begins only on ${dayText(from)}`, again);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw refuse(`tls.cert: ${cert} does not belong to the key in ${key}`, again);
  }
  return {
    context: { cert: certBytes, key: keyBytes, minVersion: oldestTls },
    expiresAt: to,
  };
};
