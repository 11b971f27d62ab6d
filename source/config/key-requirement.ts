import { isLoopback } from './loopback.ts';
import type { Config } from './schema.ts';
import type { Settings } from './settings.ts';

/**
 * Whether a client has to show a key. `auto`: beyond loopback, or once a person has made one; a revoked one counts, for
 * nobody expects that taking a key away lets everybody in.
 */
export const isKeyRequired = (
  { requireClientKey, host, insecureBind }: Pick<Config, 'requireClientKey' | 'host' | 'insecureBind'>,
  hasUserKeys: boolean,
): boolean => {
  // Other machines are let in without a key only where that was asked for in so many words.
  if (!isLoopback(host) && !insecureBind) return true;
  return requireClientKey === 'auto' ? hasUserKeys : requireClientKey;
};

/** The same of settings as they were read, keys and all. */
export const requiresClientKey = ({ config, clientKeys }: Pick<Settings, 'config' | 'clientKeys'>): boolean =>
  isKeyRequired(
    config,
    clientKeys.some(({ kind }) => kind === 'user'),
  );
