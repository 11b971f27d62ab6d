import { jsonOption, type Action, type Option } from './action.ts';
import { accountActions } from './account-actions.ts';
import { clientKeyActions } from './client-key-actions.ts';
import { historyActions } from './history-actions.ts';
import { secretActions } from './secret-actions.ts';
import { setupActions } from './setup-actions.ts';
import { statsDimensions } from './statistics.ts';
import { vaultActions } from './vault-actions.ts';

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
  { name: 'mouse', value: null, help: 'take clicks and the wheel; then Shift selects text' },
  { name: 'compact', value: null, help: 'draw as in a narrow terminal: no headings, fewer columns' },
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
      options: [
        { name: 'line', value: null, help: 'one line, for tmux and for the status line of Claude Code' },
        jsonOption,
      ],
      examples: ['ccr-tui status', 'ccr-tui status --json', 'ccr-tui status --line'],
    },
  },
  ...accountActions,
  ...secretActions,
  {
    name: 'stats',
    help: 'sum finished requests up: requests, errors, tokens, cost, times',
    cli: {
      words: ['stats'],
      args: [],
      options: [
        { name: 'since', value: 'AGE', help: 'how far back: 90s, 30m, 24h, 30d (default 7d)' },
        { name: 'by', value: 'WHAT', help: `${statsDimensions.join(', ')} (default account)` },
        jsonOption,
      ],
      examples: ['ccr-tui stats', 'ccr-tui stats --since 30d --by day', 'ccr-tui stats --by model --json'],
    },
  },
  ...historyActions,
  ...clientKeyActions,
  ...vaultActions,
  ...setupActions,
];
