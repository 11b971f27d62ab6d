import { outboundProxies } from './outbound-proxy.ts';
import type { Environment } from '../shared/environment.ts';

const otherVariables = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];

/**
 * What the environment asks of connections to the providers that is not done, one sentence each; empty for an ordinary
 * one. A value is never quoted: the address of a proxy may hold a password.
 */
export const environmentWarnings = (env: Environment): string[] => {
  const warnings: string[] = [];
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    warnings.push(
      'NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored: the certificates of providers are always checked; unset it, and name an authority of your own in NODE_EXTRA_CA_CERTS',
    );
  }
  const { variable, isUsable } = outboundProxies(env);
  if (!isUsable) {
    warnings.push(
      `${variable} names no proxy that can be used, and no provider is reached past it; write http://HOST:PORT or https://HOST:PORT, or unset it`,
    );
  }
  const others = otherVariables.filter((name) => (env[name] ?? '') !== '');
  if (variable === null && others.length > 0) {
    warnings.push(
      `${others.join(' and ')} ${others.length > 1 ? 'are' : 'is'} not used: providers are asked over https, and directly; name their proxy in HTTPS_PROXY`,
    );
  }
  return warnings;
};
