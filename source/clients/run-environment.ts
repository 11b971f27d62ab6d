import type { Environment } from '../shared/environment.ts';
import type { Secret } from '../shared/secret.ts';
import { isSpared, proxyVariables, sparedHosts } from './company-proxy.ts';

/** Credentials that a client would prefer to the token of the proxy. */
const removed = new Set(['ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN']);
const proxies = Object.values(proxyVariables).flat();

/**
 * Behind a company proxy a client would ask that for the loopback address, too, and get nowhere. Both spellings are
 * set: programs differ in which one they read first.
 */
const withoutProxyFor = (host: string, env: Environment): Environment => {
  if (!proxies.some((name) => env[name])) return {};
  if (isSpared(host, env)) return {};
  const list = sparedHosts(env);
  const value = list === '' ? host : `${list},${host}`;
  return { NO_PROXY: value, no_proxy: value };
};

/**
 * The environment that points a program at the proxy. `url` is the origin it listens on; `token` is what the
 * program shows as its key, under both vendors' names; `certificate` is the file that an https port shows, which a
 * program on Node then trusts unless it is told of another. The given environment is not changed.
 */
export const runEnvironment = (
  env: Environment,
  url: string,
  token: Secret,
  certificate = '',
): Record<string, string> => {
  const { origin, hostname, protocol } = new URL(url);
  const trusts = protocol === 'https:' && certificate !== '' && !env['NODE_EXTRA_CA_CERTS'];
  const all: Environment = {
    ...env,
    ...withoutProxyFor(hostname, env),
    ...(trusts ? { NODE_EXTRA_CA_CERTS: certificate } : {}),
    ANTHROPIC_BASE_URL: origin,
    ANTHROPIC_AUTH_TOKEN: token.reveal(),
    OPENAI_BASE_URL: `${origin}/v1`,
    OPENAI_API_KEY: token.reveal(),
  };
  const child: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined && !removed.has(name)) child[name] = value;
  }
  return child;
};
