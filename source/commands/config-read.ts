import { resolvePaths } from '../config/paths.ts';
import { settingNamed } from '../config/schema.ts';
import { loadSettings, type Settings } from '../config/settings.ts';
import { CcrError } from '../shared/errors.ts';
import { plural } from '../shared/plural.ts';
import { sanitize } from '../shared/sanitize.ts';
import { textTable, type TextColumn } from '../shared/text-table.ts';
import type { CommandContext } from './context.ts';
import { print, printJson, printLines } from './print.ts';
import { settingText } from './setting-text.ts';

type Reader = (context: CommandContext) => Promise<void>;

const settingsOf = ({ env }: CommandContext): Settings =>
  loadSettings({ paths: resolvePaths(env), env, flags: {} });

const get: Reader = async (context) => {
  const { positionals, options, stdout } = context;
  const { key } = settingNamed(positionals[0] ?? '');
  const entry = settingsOf(context).entries.find((candidate) => candidate.key === key);
  if (entry === undefined) throw new CcrError('failed', `the settings lack ${key}`);
  if (options['json'] === true) await printJson(stdout, entry);
  else await print(stdout, `${sanitize(settingText(entry.value), 100_000)}\n`);
};

const columns: readonly TextColumn[] = [
  { title: 'KEY', align: 'left' },
  { title: 'VALUE', align: 'left' },
  { title: 'SOURCE', align: 'left' },
  { title: 'DEFAULT', align: 'left' },
];

const list: Reader = async (context) => {
  const { options, stdout } = context;
  const { entries } = settingsOf(context);
  if (options['json'] === true) return printJson(stdout, entries);
  const rows = entries.map(({ key, value, source, default: byDefault }) => [
    key,
    settingText(value),
    source,
    settingText(byDefault),
  ]);
  return printLines(stdout, textTable(columns, rows));
};

const path: Reader = async ({ options, env, stdout }) => {
  const paths = resolvePaths(env);
  if (options['json'] === true) return printJson(stdout, paths);
  const files = Object.entries(paths).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const width = Math.max(...files.map(([name]) => name.length));
  return printLines(
    stdout,
    files.map(([name, file]) => `${name.padEnd(width)}  ${sanitize(file, 4096)}`),
  );
};

const check: Reader = async (context) => {
  const { accounts } = settingsOf(context);
  const { config } = resolvePaths(context.env);
  if (context.options['json'] === true) {
    return printJson(context.stdout, { ok: true, path: config, accounts: accounts.length });
  }
  await print(context.stdout, `${sanitize(config, 4096)}: ok, ${plural(accounts.length, 'account')}\n`);
};

const readers: Readonly<Record<string, Reader>> = {
  'config.get': get,
  'config.list': list,
  'config.path': path,
  'config.check': check,
};

/** `config get`, `list`, `path` and `check`: looking never touches a file. */
export const run = async (context: CommandContext): Promise<number> => {
  const reader = readers[context.action];
  if (reader === undefined) throw new CcrError('failed', `no reader for ${context.action}`);
  await reader(context);
  return 0;
};
