import type { CommandContext } from './context.ts';
import { listenFlags } from './serve.ts';

/** The program alone: the screen, or plain lines where there is none. */
export const run = async (context: CommandContext): Promise<number> => {
  const { options, env, stdin, stdout, stderr } = context;
  const { screen } = await context.openApp();
  return screen({
    flags: listenFlags(options),
    demo: options['demo'] === true,
    plain: options['plain'] === true,
    json: options['json'] === true,
    ascii: options['ascii'] === true,
    color: options['no-color'] !== true,
    env,
    stdin,
    stdout,
    stderr,
  });
};
