import { jsonOption, type Action } from './action.ts';

/** What can be done with secrets that have a name. */
export const secretActions: readonly Action[] = [
  {
    name: 'secret.set',
    help: 'keep a secret by name; one line on stdin, or asked for without echo',
    cli: {
      words: ['secret', 'set'],
      args: ['NAME'],
      options: [],
      examples: ['ccr-tui secret set RELAY_KEY', 'ccr-tui secret set RELAY_KEY < key.txt'],
    },
  },
  {
    name: 'secret.get',
    help: 'show enough of a secret to know it again',
    cli: {
      words: ['secret', 'get'],
      args: ['NAME'],
      options: [{ name: 'reveal', value: null, help: 'print all of it' }, jsonOption],
      examples: ['ccr-tui secret get RELAY_KEY', 'ccr-tui secret get RELAY_KEY --reveal | pbcopy'],
    },
  },
  {
    name: 'secret.list',
    help: 'list the names of the secrets, and where they are',
    cli: { words: ['secret', 'list'], args: [], options: [jsonOption], examples: ['ccr-tui secret list'] },
  },
  {
    name: 'secret.delete',
    help: 'forget a secret',
    cli: {
      words: ['secret', 'delete'],
      args: ['NAME'],
      options: [],
      examples: ['ccr-tui secret delete RELAY_KEY'],
    },
  },
];
