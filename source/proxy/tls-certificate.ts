import { stat } from 'node:fs/promises';
import type { Server as TlsServer } from 'node:https';
import type { Clock } from '../shared/clock.ts';
import type { LogLevel } from '../shared/events.ts';
import { errorShape } from '../shared/errors.ts';
import { dayText, loadTls, type TlsFiles, type TlsIdentity } from './tls-identity.ts';

export type Certificate = {
  /** Reads the files for the first time. Rejects when they are no good pair. Does nothing on a server without TLS. */
  load(): Promise<void>;
  /** Looks whether the files have changed, and takes the new ones over. To be called every second or so. Never rejects. */
  look(): Promise<void>;
};

export type CertificateOptions = {
  files: TlsFiles;
  clock: Pick<Clock, 'now'>;
  log(level: LogLevel, text: string): void;
};

const weekMs = 7 * 86_400_000;

/** What changes when the files are written, replaced, or the links to them are. */
const signatureOf = async ({ cert, key }: TlsFiles): Promise<string> =>
  `${await traitsOf(cert)} ${await traitsOf(key)}`;

const traitsOf = async (path: string): Promise<string> => {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch {
    return 'gone';
  }
};

type Server = {
  /** Missing on a server without TLS. */
  setSecureContext?: TlsServer['setSecureContext'];
  once(event: 'close', listener: () => void): unknown;
};

const lookMs = 1000;

/** Gives the server its certificate and keeps it up to date until it closes. Rejects when there is no good one. */
export const serveCertificate = async (server: Server, options: CertificateOptions): Promise<void> => {
  const certificate = keepCertificate(server, options);
  await certificate.load();
  const timer = setInterval(() => void certificate.look(), lookMs).unref();
  server.once('close', () => clearInterval(timer));
};

type State = {
  serving: TlsIdentity;
  /** What the files looked like when they were read. */
  signature: string;
  /** What they looked like when they were no good, and whether that was said. */
  failed: { signature: string; told: boolean } | null;
  warnedOf: TlsIdentity | null;
};

/**
 * Gives the server its certificate and follows the files: they are replaced one after the other, so that a pair that
 * does not fit is no failure before it has stood still between two looks, and the old pair serves on until there is a
 * good one. Looking finds what watching misses: links that are turned (certbot, mounted secrets) and network disks.
 */
export const keepCertificate = (
  server: Pick<Server, 'setSecureContext'>,
  options: CertificateOptions,
): Certificate => {
  const { files, clock } = options;
  let state: State | null = null;
  let looking = false;

  const read = async (): Promise<State | null> => {
    const signature = await signatureOf(files);
    const serving = await loadTls(files, clock.now());
    if (serving === null || server.setSecureContext === undefined) return null;
    server.setSecureContext(serving.context);
    return { serving, signature, failed: null, warnedOf: null };
  };

  const refresh = async (before: State, seen: string): Promise<State> => {
    try {
      const next = (await read()) ?? before;
      options.log('info', 'the TLS certificate was read again');
      return next;
    } catch (error) {
      const told = before.failed?.signature === seen;
      if (told) {
        const what = errorShape(error).message;
        options.log('error', `the new TLS certificate is not used, the one before serves on: ${what}`);
      }
      return { ...before, failed: { signature: seen, told } };
    }
  };

  const warnOfEnd = (current: State): void => {
    const { serving, warnedOf } = current;
    if (warnedOf === serving || serving.expiresAt - clock.now() > weekMs) return;
    current.warnedOf = serving;
    const ends = serving.expiresAt <= clock.now() ? 'ended' : 'ends';
    const day = dayText(serving.expiresAt);
    options.log('warning', `the TLS certificate ${ends} on ${day}; put a new one at ${files.cert}`);
  };

  return {
    async load() {
      state = await read();
    },
    async look() {
      if (state === null || looking) return;
      looking = true;
      const seen = await signatureOf(files);
      const { failed } = state;
      if (seen !== state.signature && !(failed?.told === true && failed.signature === seen)) {
        state = await refresh(state, seen);
      }
      warnOfEnd(state);
      looking = false;
    },
  };
};
