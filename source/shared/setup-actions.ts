import { jsonOption, type Action, type Option } from './action.ts';
import { strategyNames } from './types.ts';

const folder: Option = {
  name: 'dir',
  value: 'FOLDER',
  help: "the client's folder, where it is not the usual one",
};

/** Subcommands about settings, the port's certificate, and the programs that use the proxy. */
export const setupActions: readonly Action[] = [
  {
    name: 'config.get',
    help: 'print one setting',
    cli: {
      words: ['config', 'get'],
      args: ['KEY'],
      options: [jsonOption],
      examples: ['ccr-tui config get port'],
    },
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
    name: 'tls.selfSigned',
    help: 'make a key and a certificate for the port, and set tls.key and tls.cert',
    cli: {
      words: ['tls', 'self-signed'],
      args: [],
      options: [
        {
          name: 'host',
          value: 'NAME,…',
          help: 'names and addresses that clients use; default: those of this machine',
        },
        { name: 'days', value: 'N', help: 'how long it is valid, at most 825; default 397' },
        jsonOption,
      ],
      examples: ['ccr-tui tls self-signed', 'ccr-tui tls self-signed --host box.lan,192.168.1.20'],
    },
  },
  {
    name: 'config.list',
    help: 'list every setting, its value and where that comes from',
    cli: { words: ['config', 'list'], args: [], options: [jsonOption], examples: ['ccr-tui config list'] },
  },
  {
    name: 'config.path',
    help: 'print where the files are',
    cli: { words: ['config', 'path'], args: [], options: [jsonOption], examples: ['ccr-tui config path'] },
  },
  {
    name: 'config.check',
    help: 'check the settings file; every problem at once',
    cli: { words: ['config', 'check'], args: [], options: [jsonOption], examples: ['ccr-tui config check'] },
  },
  {
    name: 'connect',
    help: 'point Claude Code or Codex at the proxy, in its own settings',
    cli: {
      words: ['connect'],
      args: ['CLIENT'],
      options: [
        folder,
        { name: 'dry-run', value: null, help: 'print what would change, and change nothing' },
        jsonOption,
      ],
      examples: [
        'ccr-tui connect claude-code',
        'ccr-tui connect claude-code --dry-run',
        'ccr-tui connect codex',
      ],
    },
  },
  {
    name: 'disconnect',
    help: "put a client's settings back to what they were before connect",
    cli: {
      words: ['disconnect'],
      args: ['CLIENT'],
      options: [
        folder,
        { name: 'force', value: null, help: 'go on although what connect set was changed by hand' },
        jsonOption,
      ],
      examples: ['ccr-tui disconnect claude-code', 'ccr-tui disconnect claude-code --force'],
    },
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
    name: 'simulate',
    help: 'let recorded traffic happen once more, with any strategy',
    cli: {
      words: ['simulate'],
      args: [],
      options: [
        { name: 'trace', value: 'FILE', help: 'what was asked (ccr-trace/1)' },
        { name: 'from-history', value: null, help: 'take what was asked from the history instead' },
        { name: 'since', value: 'AGE', help: 'how far back: 90s, 30m, 24h, 7d (default 7d)' },
        { name: 'accounts', value: 'FILE', help: 'what there is to serve it with (ccr-accounts/1)' },
        { name: 'strategy', value: 'NAME', help: strategyNames.join(' ') },
        { name: 'hold', value: 'DURATION', help: 'longest wait of one request (default: holdMs)' },
        { name: 'decisions', value: 'FILE', help: 'write what was decided for each request; - for stdout' },
        jsonOption,
      ],
      examples: [
        'ccr-tui simulate --trace week.trace.json --accounts week.accounts.json --strategy sticky',
        'ccr-tui simulate --from-history --since 7d --accounts mine.json --strategy drain --hold 10m --json',
      ],
    },
  },
];
