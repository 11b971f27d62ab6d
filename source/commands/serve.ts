import type { CommandContext, ListenFlags } from './context.ts';
import type { GivenOptions } from './parse-command-line.ts';

/** Where to listen, as far as the command line says it. */
export const listenFlags = ({ port, host }: GivenOptions): ListenFlags => ({
  ...(typeof port === 'string' ? { port } : {}),
  ...(typeof host === 'string' ? { host } : {}),
});

/** `serve`: the proxy in the foreground, without a screen. */
export const run = async ({ options, env, stdout, stderr, openApp }: CommandContext): Promise<number> => {
  const { serve } = await openApp();
  return serve({ flags: listenFlags(options), json: options['json'] === true, env, stdout, stderr });
};
