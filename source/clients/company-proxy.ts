import type { Environment } from '../shared/environment.ts';

const everyScheme = ['ALL_PROXY', 'all_proxy'];

/** The variables that name a proxy for addresses of each scheme. */
export const proxyVariables: Readonly<Record<string, readonly string[]>> = {
  'http:': ['HTTP_PROXY', 'http_proxy', ...everyScheme],
  'https:': ['HTTPS_PROXY', 'https_proxy', ...everyScheme],
};

export const sparingVariables = ['no_proxy', 'NO_PROXY'] as const;

/** The list of hosts that a program asks without its proxy, as it stands in the environment; empty when there is none. */
export const sparedHosts = (env: Environment): string =>
  sparingVariables.map((name) => env[name] ?? '').find((list) => list !== '') ?? '';

/** Whether that list names the host, or every host. */
export const isSpared = (host: string, env: Environment): boolean => {
  const spared = new Set(
    sparedHosts(env)
      .split(',')
      .map((entry) => entry.trim()),
  );
  return spared.has('*') || spared.has(host);
};
