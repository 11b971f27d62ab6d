// The one table of everything a person can ask for: CLI subcommands, keys, help texts and the documentation tables
// come from it. Who carries an action out stands elsewhere: commands/ for words, ui/ for keys.

export type Option = {
  /** Long name without dashes. */
  name: string;
  /** Placeholder of its value, or null for a switch. */
  value: string | null;
  help: string;
};

export type Pane = 'accounts' | 'requests';

export type Action = {
  /** Stable name, `noun.verb`. */
  name: string;
  /** What it does, one line. */
  help: string;
  /** As a subcommand; absent = only a key. */
  cli?: {
    /** The words behind `ccr-tui`; empty for the program itself. */
    words: readonly string[];
    /** Positional arguments as shown in the usage line; `NAME` is required, `[NAME]` optional, `...` takes the rest. */
    args: readonly string[];
    options: readonly Option[];
    examples: readonly string[];
  };
  /** On the screen; absent = only a subcommand. */
  screen?: {
    /** As a person names them: `j`, `down`, `tab`, `ctrl+c`. */
    keys: readonly string[];
    where: Pane | 'all';
    /** Short text for the footer; null = only in the help overlay. */
    footer: string | null;
  };
};

const json: Option = { name: 'json', value: null, help: 'print JSON' };
const listen: readonly Option[] = [
  { name: 'port', value: 'N', help: 'listen on this port; 0 picks a free one' },
  { name: 'host', value: 'ADDRESS', help: 'listen on this loopback address' },
];

export const actions: readonly Action[] = [
  {
    name: 'screen.open',
    help: 'open the screen; starts the proxy, or attaches to the one that runs',
    cli: {
      words: [],
      args: [],
      options: [
        ...listen,
        { name: 'plain', value: null, help: 'plain lines instead of the screen' },
        { name: 'json', value: null, help: 'one JSON object per finished request' },
        { name: 'ascii', value: null, help: 'draw with ASCII characters only' },
        { name: 'no-color', value: null, help: 'draw without colours' },
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
      options: [json],
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
        json,
      ],
      examples: [
        'ccr-tui account add work',
        'ccr-tui account add work < key.txt',
        'ccr-tui account add relay --kind compatible --base-url https://relay.example',
      ],
    },
  },
  {
    name: 'account.list',
    help: 'list the accounts',
    cli: { words: ['account', 'list'], args: [], options: [json], examples: ['ccr-tui account list'] },
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
    name: 'account.toggle',
    help: 'pause or resume the selected account',
    screen: { keys: ['p'], where: 'accounts', footer: 'pause/resume' },
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
  {
    name: 'config.get',
    help: 'print one setting',
    cli: { words: ['config', 'get'], args: ['KEY'], options: [json], examples: ['ccr-tui config get port'] },
  },
  {
    name: 'config.set',
    help: 'change one setting',
    cli: {
      words: ['config', 'set'],
      args: ['KEY', 'VALUE'],
      options: [],
      examples: ['ccr-tui config set port 4280', 'ccr-tui config set allowedHosts dev.local,box.local'],
    },
  },
  {
    name: 'config.unset',
    help: 'put one setting back to its default',
    cli: { words: ['config', 'unset'], args: ['KEY'], options: [], examples: ['ccr-tui config unset port'] },
  },
  {
    name: 'config.list',
    help: 'list every setting, its value and where that comes from',
    cli: { words: ['config', 'list'], args: [], options: [json], examples: ['ccr-tui config list'] },
  },
  {
    name: 'config.path',
    help: 'print where the files are',
    cli: { words: ['config', 'path'], args: [], options: [json], examples: ['ccr-tui config path'] },
  },
  {
    name: 'config.check',
    help: 'check the settings file; every problem at once',
    cli: { words: ['config', 'check'], args: [], options: [], examples: ['ccr-tui config check'] },
  },
  {
    name: 'run',
    help: 'run a program with the environment that points it at the proxy',
    cli: {
      words: ['run'],
      args: ['COMMAND', '...'],
      options: [],
      examples: ['ccr-tui run -- claude', 'ccr-tui run -- node agent.js'],
    },
  },
  {
    name: 'select.next',
    help: 'next row',
    screen: { keys: ['j', 'down'], where: 'all', footer: null },
  },
  {
    name: 'select.previous',
    help: 'previous row',
    screen: { keys: ['k', 'up'], where: 'all', footer: null },
  },
  {
    name: 'pane.next',
    help: 'next pane',
    screen: { keys: ['tab'], where: 'all', footer: 'pane' },
  },
  {
    name: 'pane.previous',
    help: 'previous pane',
    screen: { keys: ['shift+tab'], where: 'all', footer: null },
  },
  { name: 'help', help: 'show or hide this help', screen: { keys: ['?'], where: 'all', footer: 'help' } },
  { name: 'back', help: 'close what is open', screen: { keys: ['escape'], where: 'all', footer: null } },
  {
    name: 'quit',
    help: 'quit; again = at once when requests are in flight',
    screen: { keys: ['q', 'ctrl+c'], where: 'all', footer: 'quit' },
  },
];

/** Options every subcommand takes. */
export const globalOptions: readonly Option[] = [
  { name: 'help', value: null, help: 'show help' },
  { name: 'version', value: null, help: 'show the version' },
  { name: 'debug', value: null, help: 'show the trace behind an error' },
];
