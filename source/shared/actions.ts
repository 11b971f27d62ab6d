import type { Action, Option } from './action.ts';
import { commandActions } from './command-actions.ts';
import { keyActions } from './key-actions.ts';

/**
 * The one table of everything a person can ask for: CLI subcommands, keys, help texts and the documentation tables
 * come from it. Who carries an action out stands elsewhere: commands/ for words, ui/ for keys.
 */
export const actions: readonly Action[] = [...commandActions, ...keyActions];

/** Options every subcommand takes. */
export const globalOptions: readonly Option[] = [
  { name: 'help', value: null, help: 'show help' },
  { name: 'version', value: null, help: 'show the version' },
  {
    name: 'passphrase-file',
    value: 'PATH',
    help: 'passphrase of the vault; for backup and restore, of theirs',
  },
  { name: 'debug', value: null, help: 'show the trace behind an error' },
];
