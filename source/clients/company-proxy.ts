type Environment = Readonly<Record<string, string | undefined>>;

/** The list of hosts that a program asks without its proxy, as it stands in the environment; empty when there is none. */
export const sparedHosts = (env: Environment): string => env['no_proxy'] || env['NO_PROXY'] || '';

/** Whether that list names the host, or every host. */
export const isSpared = (host: string, env: Environment): boolean => {
  const spared = new Set(
    sparedHosts(env)
      .split(',')
      .map((entry) => entry.trim()),
  );
  return spared.has('*') || spared.has(host);
};
