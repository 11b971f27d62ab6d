import { jsonOption, type Action, type Option } from './action.ts';
import { clientKeyActions } from './client-key-actions.ts';
import { setupActions } from './setup-actions.ts';

const listen: readonly Option[] = [
  { name: 'port', value: 'N', help: 'listen on this port; 0 picks a free one' },
  {
    name: 'host',
    value: 'ADDRESS',
    help: 'listen on this address; beyond loopback with a client key and TLS only',
  },
  { name: 'insecure-bind', value: null, help: 'listen beyond loopback without them' },
];
/** How a screen looks, or what comes in its place. */
const look: readonly Option[] = [
  { name: 'plain', value: null, help: 'plain lines instead of the screen' },
  { name: 'json', value: null, help: 'one JSON object per finished request' },
  { name: 'ascii', value: null, help: 'draw with ASCII characters only' },
  { name: 'no-color', value: null, help: 'draw without colours' },
];

/** What has a subcommand; some of it has a key, too. */
export const commandActions: readonly Action[] = [
  {
    name: 'screen.open',
    help: 'open the screen; starts the proxy, or attaches to the one that runs',
    cli: {
      words: [],
      args: [],
      options: [
        ...listen,
        { name: 'demo', value: null, help: 'show simulated accounts and traffic; touches nothing of yours' },
        ...look,
      ],
      examples: ['ccr-tui', 'ccr-tui --port 4280', 'ccr-tui --json | jq .account'],
    },
  },
  {
    name: 'serve',
    help: 'run the proxy without a screen, in the foreground',
    cli: {
      words: ['serve'],
      args: [],
      options: [...listen, { name: 'json', value: null, help: 'print the listening line as JSON' }],
      examples: ['ccr-tui serve', 'ccr-tui serve --port 0 --json'],
    },
  },
  {
    name: 'screen.attach',
    help: 'open the screen on an instance that runs, here or behind ssh',
    cli: {
      words: ['attach'],
      args: ['[USER@HOST]'],
      options: [
        { name: 'read-only', value: null, help: 'change nothing; the instance refuses it' },
        {
          name: 'remote-command',
          value: 'COMMAND',
          help: 'what starts ccr-tui on that host (default ccr-tui)',
        },
        ...look,
      ],
      examples: [
        'ccr-tui attach',
        'ccr-tui attach me@server --read-only',
        'ccr-tui attach me@server --remote-command /opt/node/bin/ccr-tui',
      ],
    },
  },
  {
    name: 'control',
    help: 'join stdin and stdout with the instance: the far end of attach USER@HOST',
    cli: {
      words: ['control'],
      args: [],
      options: [
        { name: 'stdio', value: null, help: 'speak over stdin and stdout' },
        { name: 'read-only', value: null, help: 'let the other end change nothing, whatever it asks for' },
      ],
      examples: ['ccr-tui control --stdio'],
    },
  },
  {
    name: 'stop',
    help: 'stop the running instance after its requests have ended',
    cli: { words: ['stop'], args: [], options: [], examples: ['ccr-tui stop'] },
  },
  {
    name: 'status',
    help: 'show the running instance, its accounts and their quota windows',
    cli: {
      words: ['status'],
      args: [],
      options: [jsonOption],
      examples: ['ccr-tui status', 'ccr-tui status --json'],
    },
  },
  {
    name: 'account.add',
    help: 'add an account; its key is one line on stdin, or asked for without echo',
    cli: {
      words: ['account', 'add'],
      args: ['NAME'],
      options: [
        { name: 'kind', value: 'KIND', help: 'api-key (default) or compatible' },
        { name: 'base-url', value: 'URL', help: 'where to send its requests; needed for compatible' },
        { name: 'priority', value: 'N', help: 'lower is tried first (default 200)' },
        { name: 'weight', value: 'N', help: 'share of the load for weighted strategies (default 1)' },
        { name: 'force', value: null, help: 'take a secret of unusual shape (compatible only)' },
        jsonOption,
      ],
      examples: [
        'ccr-tui account add work',
        'ccr-tui account add work < key.txt',
        'ccr-tui account add relay --kind compatible --base-url https://relay.example',
      ],
    },
    screen: { keys: ['a'], where: 'all', footer: 'add', help: 'add an account', changes: true },
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
  },
  {
    name: 'account.pause',
    help: 'keep an account out of new requests',
    cli: {
      words: ['account', 'pause'],
      args: ['NAME'],
      options: [],
      examples: ['ccr-tui account pause work'],
    },
  },
  {
    name: 'account.resume',
    help: 'let a paused account serve again',
    cli: {
      words: ['account', 'resume'],
      args: ['NAME'],
      options: [],
      examples: ['ccr-tui account resume work'],
    },
  },
  {
    name: 'history',
    help: 'list finished requests, oldest first',
    cli: {
      words: ['history'],
      args: [],
      options: [
        { name: 'since', value: 'AGE', help: 'how far back: 90s, 30m, 24h, 7d (default 24h)' },
        { name: 'limit', value: 'N', help: 'only the newest N' },
        { name: 'json', value: null, help: 'one JSON object per line' },
      ],
      examples: ['ccr-tui history', 'ccr-tui history --since 7d --limit 100 --json'],
    },
  },
  ...clientKeyActions,
  ...setupActions,
];
