import { acceptTerms, shares } from './account-options.ts';
import { jsonOption, type Action } from './action.ts';

/** What can be done with accounts. */
export const accountActions: readonly Action[] = [
  {
    name: 'account.add',
    help: 'add an account; its key comes on stdin, or is asked for without echo',
    cli: {
      words: ['account', 'add'],
      args: ['NAME'],
      options: [
        { name: 'kind', value: 'KIND', help: 'api-key (default), compatible, login or setup-token' },
        { name: 'base-url', value: 'URL', help: 'where to send its requests; needed for compatible' },
        ...shares,
        {
          name: 'secret-name',
          value: 'NAME',
          help: 'use the secret of that name (secret set); reads no stdin',
        },
        { name: 'force', value: null, help: 'take a secret of unusual shape (compatible only)' },
        acceptTerms,
        jsonOption,
      ],
      examples: [
        'ccr-tui account add work',
        'ccr-tui account add work < key.txt',
        'ccr-tui account add relay --kind compatible --base-url https://relay.example',
        'ccr-tui account add home --kind setup-token --accept-terms < token.txt',
      ],
    },
    screen: {
      keys: ['a'],
      group: 'accounts',
      where: 'all',
      footer: 'add',
      help: 'add an account',
      changes: true,
    },
  },
  {
    name: 'account.login',
    help: 'sign in with a browser: a new account, or an account of before again',
    cli: {
      words: ['account', 'login'],
      args: ['NAME'],
      options: [
        { name: 'no-browser', value: null, help: 'open no browser; the addresses are shown' },
        { name: 'create-api-key', value: null, help: 'add it as an API key made at the Claude Console' },
        { name: 'base-url', value: 'URL', help: 'where to send the requests of a new account' },
        { name: 'force', value: null, help: 'take another Claude account than the one of before' },
        acceptTerms,
        jsonOption,
      ],
      examples: [
        'ccr-tui account login home',
        'ccr-tui account login home --no-browser',
        'ccr-tui account login work --create-api-key',
      ],
    },
    screen: {
      keys: ['R'],
      group: 'accounts',
      where: 'accounts',
      argument: 'account',
      footer: 'sign in',
      help: 'sign in to a first or to this login',
      changes: true,
    },
  },
  {
    name: 'account.import',
    help: 'take over accounts from Claude Code or from another tool',
    cli: {
      words: ['import'],
      args: ['SOURCE'],
      options: [
        { name: 'path', value: 'PATH', help: 'where its store is, when not in the usual place' },
        { name: 'name', value: 'NAME', help: 'what to call it here, where the source holds one account' },
        {
          name: 'base-url',
          value: 'URL',
          help: 'where to send requests of accounts without an address of their own',
        },
        { name: 'link', value: null, help: 'leave the login with Claude Code and use it there (default)' },
        { name: 'copy', value: null, help: 'keep a copy of the login of Claude Code' },
        acceptTerms,
        {
          name: 'remove-plain',
          value: null,
          help: 'empty the plain copies in the store of the tool afterwards',
        },
        { name: 'dry-run', value: null, help: 'print what would be taken over, and change nothing' },
        jsonOption,
      ],
      examples: [
        'ccr-tui import claude-code',
        'ccr-tui import claude-code --path ~/.claude-work --name work',
        'ccr-tui import cc-router --dry-run',
        'ccr-tui import better-ccflare --accept-terms --remove-plain',
      ],
    },
    screen: { keys: ['I'], group: 'accounts', where: 'all', footer: 'import', changes: true },
  },
  {
    name: 'account.list',
    help: 'list the accounts',
    cli: { words: ['account', 'list'], args: [], options: [jsonOption], examples: ['ccr-tui account list'] },
  },
  {
    name: 'account.remove',
    help: 'remove an account and its secret',
    cli: {
      words: ['account', 'remove'],
      args: ['NAME'],
      options: [],
      examples: ['ccr-tui account remove work'],
    },
    screen: {
      keys: ['D'],
      group: 'accounts',
      where: 'accounts',
      argument: 'account',
      footer: null,
      help: 'remove the selected account',
      changes: true,
    },
  },
  {
    name: 'account.pause',
    help: 'keep an account out of new requests',
    cli: {
      words: ['account', 'pause'],
      args: ['[NAME]'],
      options: [{ name: 'all', value: null, help: 'every account' }],
      examples: ['ccr-tui account pause work', 'ccr-tui account pause --all'],
    },
  },
  {
    name: 'account.resume',
    help: 'let a paused account serve again',
    cli: {
      words: ['account', 'resume'],
      args: ['[NAME]'],
      options: [{ name: 'all', value: null, help: 'every account' }],
      examples: ['ccr-tui account resume work', 'ccr-tui account resume --all'],
    },
  },
  {
    name: 'account.prefer',
    help: 'give new work to one account first; conversations stay where they are',
    cli: {
      words: ['account', 'prefer'],
      args: ['[NAME]'],
      options: [{ name: 'none', value: null, help: 'prefer no account any more' }],
      examples: ['ccr-tui account prefer work', 'ccr-tui account prefer --none'],
    },
    screen: {
      keys: ['s'],
      group: 'accounts',
      where: 'accounts',
      argument: 'account',
      footer: null,
      help: 'prefer for new work, or not',
      changes: true,
    },
  },
  {
    name: 'account.show',
    help: 'show all that is known of one account',
    cli: {
      words: ['account', 'show'],
      args: ['NAME'],
      options: [jsonOption],
      examples: ['ccr-tui account show work', 'ccr-tui account show work --json'],
    },
  },
  {
    name: 'account.rename',
    help: 'give an account another name',
    cli: {
      words: ['account', 'rename'],
      args: ['NAME', 'NEW'],
      options: [],
      examples: ['ccr-tui account rename work office'],
    },
  },
  {
    name: 'account.set',
    help: 'change which requests an account gets, and where they go',
    cli: {
      words: ['account', 'set'],
      args: ['NAME'],
      options: [
        ...shares,
        { name: 'base-url', value: 'URL', help: 'another path of the provider that its key is for' },
        jsonOption,
      ],
      examples: [
        'ccr-tui account set work --priority 10 --cap 5h=80,7d=90',
        "ccr-tui account set relay --models 'claude-haiku-*'",
        'ccr-tui account set work --cap none --models all',
      ],
    },
  },
  {
    name: 'account.reset',
    help: 'forget limits and failures of an account that are out of date',
    cli: {
      words: ['account', 'reset'],
      args: ['NAME'],
      options: [],
      examples: ['ccr-tui account reset work'],
    },
    screen: {
      keys: ['X'],
      group: 'accounts',
      where: 'accounts',
      argument: 'account',
      footer: null,
      help: 'forget its known limits',
      changes: true,
    },
  },
  {
    name: 'account.refresh',
    help: 'renew a Claude login now; ccr-tui does so by itself ahead of its end',
    cli: {
      words: ['account', 'refresh'],
      args: ['NAME'],
      options: [jsonOption],
      examples: ['ccr-tui account refresh home'],
    },
  },
  {
    name: 'account.test',
    help: 'ask the provider for its models with that account; no model runs',
    cli: {
      words: ['account', 'test'],
      args: ['NAME'],
      options: [jsonOption],
      examples: ['ccr-tui account test work'],
    },
  },
];
