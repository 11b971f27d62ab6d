import type { CommandContext, ListenFlags } from './context.ts';
import type { GivenOptions } from './parse-command-line.ts';

/** Where to listen, as far as the command line says it. */
export const listenFlags = ({ port, host, 'insecure-bind': insecure }: GivenOptions): ListenFlags => ({
  ...(typeof port === 'string' ? { port } : {}),
  ...(typeof host === 'string' ? { host } : {}),
  ...(insecure === true ? { insecureBind: 'true' as const } : {}),
});

/** Whether the flags ask for another address than `url`; port 0 takes any, `localhost` is any loopback address. */
export const asksElsewhere = ({ port, host }: ListenFlags, url: string): boolean => {
  const running = new URL(url);
  const otherPort =
    port !== undefined &&
    Number(port) !== 0 &&
    Number(port) !== Number(running.port || (running.protocol === 'https:' ? 443 : 80));
  const bare = (name: string): string => name.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  const otherHost = host !== undefined && bare(host) !== 'localhost' && bare(host) !== bare(running.hostname);
  return otherPort || otherHost;
};

/** `serve`: the proxy in the foreground, without a screen. */
export const run = async ({ options, env, stdout, stderr, openApp }: CommandContext): Promise<number> => {
  const { serve } = await openApp();
  return serve({ flags: listenFlags(options), json: options['json'] === true, env, stdout, stderr });
};
