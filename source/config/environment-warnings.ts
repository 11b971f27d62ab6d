type Environment = Readonly<Record<string, string | undefined>>;

const proxyVariables = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];

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
  const proxies = proxyVariables.filter((name) => (env[name] ?? '') !== '');
  if (proxies.length > 0) {
    warnings.push(
      `${proxies.join(' and ')} ${proxies.length > 1 ? 'are' : 'is'} not used: requests go to the providers directly; unset it to be rid of this line`,
    );
  }
  return warnings;
};
