import type { Action } from '../shared/action.ts';
import { actions } from '../shared/actions.ts';

/** An action that is a subcommand, or the program itself. */
export type CliAction = Action & { cli: NonNullable<Action['cli']> };

const isCliAction = (action: Action): action is CliAction => action.cli !== undefined;

/** Every subcommand in the order of the table; the first one, without words, is the program itself. */
export const cliActions: readonly CliAction[] = actions.filter(isCliAction);

/** The subcommands that begin with these words: all of them for none. */
export const cliActionsUnder = (words: readonly string[]): CliAction[] =>
  cliActions.filter(
    (action) => action.cli.words.length > 0 && words.every((word, index) => action.cli.words[index] === word),
  );

/** `account add`; empty for the program itself. */
export const phraseOf = (action: CliAction): string => action.cli.words.join(' ');

/** True when everything behind the words belongs to another program. */
export const takesRest = (action: CliAction): boolean => action.cli.args.includes('...');

/** `ccr-tui account add NAME [--kind KIND] [--json]` */
export const usageLine = (action: CliAction): string => {
  const options = action.cli.options.map(({ name, value }) =>
    value === null ? `[--${name}]` : `[--${name} ${value}]`,
  );
  const args = takesRest(action) ? ['--', ...action.cli.args] : action.cli.args;
  return ['ccr-tui', ...action.cli.words, ...args, ...options].join(' ');
};
