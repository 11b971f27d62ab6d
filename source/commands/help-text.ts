import type { Option } from '../shared/action.ts';
import { globalOptions } from '../shared/actions.ts';
import { cliActions, cliActionsUnder, phraseOf, usageLine, type CliAction } from './cli-action.ts';

type Row = readonly [left: string, right: string];

const environment: readonly Row[] = [
  ['CCR_TUI_HOME', 'keep every file under this folder'],
  ['CCR_TUI_PORT, CCR_TUI_HOST', 'where to listen, instead of the setting'],
  ['CCR_TUI_CREDENTIAL_STORE', 'auto, keychain, vault or memory'],
  ['CCR_TUI_PASSPHRASE_FILE', 'file with the passphrase of the vault'],
  ['NO_COLOR', 'draw without colours'],
];

const exitCodes: readonly Row[] = [
  ['0', 'done'],
  ['1', 'failed'],
  ['2', 'wrong usage'],
  ['3', 'nothing of that name'],
  ['4', 'no running instance'],
  ['69', 'the credential store does not answer'],
  ['75', 'try again: something else holds the lock'],
];

const section = (title: string, rows: readonly Row[]): string[] => {
  if (rows.length === 0) return [];
  const width = Math.max(...rows.map(([left]) => left.length));
  return ['', title, ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd())];
};

const optionRow = ({ name, value, help }: Option): Row => [
  value === null ? `--${name}` : `--${name} ${value}`,
  help,
];

const examples = (lines: readonly string[]): string[] =>
  section(
    'Examples',
    lines.map((line) => [line, '']),
  );

const commandRows = (list: readonly CliAction[]): Row[] =>
  list.map((action) => [[phraseOf(action), ...action.cli.args].join(' '), action.help]);

const programHelp = (program: CliAction | undefined): string[] => [
  'ccr-tui: a terminal dashboard with a local proxy that spreads Claude traffic over your own accounts',
  ...section('Usage', [
    [program === undefined ? 'ccr-tui' : usageLine(program), ''],
    ['ccr-tui COMMAND [--help]', ''],
  ]),
  ...section('Commands', commandRows(cliActionsUnder([]))),
  ...section('Options', [...(program?.cli.options ?? []), ...globalOptions].map(optionRow)),
  ...section('Environment', environment),
  ...section('Exit codes', exitCodes),
  ...examples([...(program?.cli.examples ?? []), 'ccr-tui account add work', 'ccr-tui run -- claude']),
];

const actionHelp = (action: CliAction): string[] => [
  `${phraseOf(action)}: ${action.help}`,
  ...section('Usage', [[usageLine(action), '']]),
  ...section('Commands', commandRows(cliActionsUnder(action.cli.words).filter((other) => other !== action))),
  ...section('Options', [...action.cli.options, ...globalOptions].map(optionRow)),
  ...examples(action.cli.examples),
];

const groupHelp = (words: readonly string[], group: readonly CliAction[]): string[] => [
  `ccr-tui ${words.join(' ')} COMMAND [--help]`,
  ...section('Commands', commandRows(group)),
  ...examples(group.map((action) => action.cli.examples[0] ?? '').filter((line) => line !== '')),
];

/** The help of the program (no words), of a group of subcommands, or of one; ends with a line break. */
export const helpText = (words: readonly string[]): string => {
  const exact = cliActions.find((action) => action.cli.words.join(' ') === words.join(' '));
  if (words.length === 0) return `${programHelp(exact).join('\n')}\n`;
  const lines = exact === undefined ? groupHelp(words, cliActionsUnder(words)) : actionHelp(exact);
  return `${lines.join('\n')}\n`;
};
