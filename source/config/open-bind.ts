import type { ClientKeyRecord } from '../shared/client-key.ts';
import { CcrError } from '../shared/errors.ts';
import type { EpochMs } from '../shared/types.ts';
import { isLoopback } from './loopback.ts';
import type { Settings } from './settings.ts';

type Bind = Pick<Settings, 'config' | 'clientKeys'>;

/** Whether somebody can come in with it. A key of `run` ends with its process, and the port outlives that. */
const opens = ({ kind, revokedAt, limits }: ClientKeyRecord, now: EpochMs): boolean =>
  kind !== 'run' && revokedAt === null && (limits.expiresAt === null || limits.expiresAt > now);

/** What is missing before other machines may reach the port, and how to get it. */
const missing = ({ config, clientKeys }: Bind, now: EpochMs): [what: string, how: string][] => {
  const { tls, requireClientKey } = config;
  const lacks: [string, string][] = [];
  if (!clientKeys.some((key) => opens(key, now))) lacks.push(['no client key', 'ccr-tui key create NAME']);
  if (requireClientKey === false) {
    lacks.push(['requireClientKey is false', 'ccr-tui config unset requireClientKey']);
  }
  if (tls.cert === '' || tls.key === '') lacks.push(['no TLS', 'ccr-tui tls self-signed']);
  return lacks;
};

/**
 * Throws `bind_refused` for an address beyond loopback without a client key and TLS: it would hand the accounts to
 * everybody who finds the port, or their keys to everybody on the way.
 */
export const refuseOpenBind = (bind: Bind, now: EpochMs): void => {
  const { host, insecureBind } = bind.config;
  if (isLoopback(host) || insecureBind) return;
  const lacks = missing(bind, now);
  if (lacks.length === 0) return;
  const found = lacks.map(([what]) => what).join(', ');
  const message = `listening on ${host} needs a client key and TLS (${found})`;
  const hint = `${lacks.map(([, how]) => how).join(', ')}; or --insecure-bind to do without`;
  throw new CcrError('bind_refused', message, { hint });
};

/** What a person must hear who listens beyond loopback all the same; empty otherwise. */
export const bindWarnings = (bind: Bind, now: EpochMs): string[] => {
  const { host, insecureBind } = bind.config;
  const lacks = isLoopback(host) || !insecureBind ? [] : missing(bind, now).map(([what]) => what);
  if (lacks.length === 0) return [];
  return [
    `INSECURE: ${host} can be reached by other machines with ${lacks.join(' and ')}: whoever finds the port uses your accounts, and whoever listens on the way reads everything`,
  ];
};
