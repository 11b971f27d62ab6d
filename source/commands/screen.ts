import type { CommandContext, ScreenOptions } from './context.ts';
import { listenFlags } from './serve.ts';

/** What of a command line every screen is given: how to draw, and where. */
export const screenOptions = ({
  options,
  env,
  stdin,
  stdout,
  stderr,
}: CommandContext): Omit<ScreenOptions, 'flags' | 'demo' | 'attach'> => ({
  plain: options['plain'] === true,
  json: options['json'] === true,
  ascii: options['ascii'] === true,
  color: options['no-color'] !== true,
  compact: options['compact'] === true,
  mouse: options['mouse'] === true,
  env,
  stdin,
  stdout,
  stderr,
});

/** The program alone: the screen, or plain lines where there is none. */
export const run = async (context: CommandContext): Promise<number> => {
  const { options } = context;
  const { screen } = await context.openApp();
  return screen({
    ...screenOptions(context),
    flags: listenFlags(options),
    demo: options['demo'] === true,
  });
};
