import { sshTarget } from '../control/ssh.ts';
import { CcrError } from '../shared/errors.ts';
import type { CommandContext } from './context.ts';
import { screenOptions } from './screen.ts';

/** `attach`: a screen on an instance that runs already, here or behind ssh. */
export const run = async (context: CommandContext): Promise<number> => {
  const { positionals, options } = context;
  const [host] = positionals;
  const command = options['remote-command'];
  if (host === undefined && command !== undefined) {
    throw new CcrError('usage', '--remote-command needs a target', {
      hint: 'usage: ccr-tui attach user@host --remote-command COMMAND',
    });
  }
  const target =
    host === undefined ? null : sshTarget(host, typeof command === 'string' ? command : undefined);
  const { screen } = await context.openApp();
  return screen({
    ...screenOptions(context),
    attach: { target, readOnly: options['read-only'] === true },
    flags: {},
    demo: false,
  });
};
