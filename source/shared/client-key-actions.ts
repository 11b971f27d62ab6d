import { jsonOption, type Action } from './action.ts';

/** What can be done with the keys of clients. */
export const clientKeyActions: readonly Action[] = [
  {
    name: 'key.create',
    help: 'make a key for clients of the proxy; it is shown this once',
    cli: {
      words: ['key', 'create'],
      args: ['NAME'],
      options: [
        { name: 'requests-per-minute', value: 'N', help: 'requests it may make in any minute' },
        { name: 'concurrent', value: 'N', help: 'requests it may have under way at once' },
        { name: 'daily-usd', value: 'N', help: 'what it may spend from midnight to midnight UTC' },
        { name: 'daily-tokens', value: 'N', help: 'the same in tokens; reads from a cache are free' },
        { name: 'models', value: 'GLOB,…', help: 'models it may use, such as claude-sonnet-*' },
        { name: 'accounts', value: 'NAME,…', help: 'accounts that serve it' },
        {
          name: 'hold',
          value: 'AGE',
          help: 'how long its requests may wait, whatever holdMs says: 0s to 4m',
        },
        { name: 'expires', value: 'AGE', help: 'how long it is valid: 12h, 30d' },
        jsonOption,
      ],
      examples: [
        'ccr-tui key create laptop',
        'ccr-tui key create ci --requests-per-minute 30 --daily-usd 5 --expires 30d',
      ],
    },
  },
  {
    name: 'key.list',
    help: 'list the keys of clients',
    cli: { words: ['key', 'list'], args: [], options: [jsonOption], examples: ['ccr-tui key list'] },
    screen: {
      keys: ['K'],
      group: 'program',
      where: 'all',
      footer: null,
      help: 'client keys: list, create, revoke',
    },
  },
  {
    name: 'key.rotate',
    help: 'put another key in the place of one',
    cli: {
      words: ['key', 'rotate'],
      args: ['NAME'],
      options: [{ name: 'grace', value: 'AGE', help: 'how long the old one stays valid, too' }, jsonOption],
      examples: ['ccr-tui key rotate laptop', 'ccr-tui key rotate ci --grace 10m'],
    },
  },
  {
    name: 'key.revoke',
    help: 'end a key at once',
    cli: { words: ['key', 'revoke'], args: ['NAME'], options: [], examples: ['ccr-tui key revoke laptop'] },
  },
];
