import { parseArgs } from 'node:util';
import type { Option } from '../shared/action.ts';
import { globalOptions } from '../shared/actions.ts';
import { plural } from '../shared/plural.ts';
import { cliActions, cliActionsUnder, phraseOf, takesRest, usageLine, type CliAction } from './cli-action.ts';
import { nearestWord } from './nearest-word.ts';

/** Options by long name: their text, or true for a switch. */
export type GivenOptions = Readonly<Record<string, string | true>>;

export type ParsedLine =
  | { kind: 'run'; action: CliAction; positionals: readonly string[]; options: GivenOptions }
  /** The words of one subcommand, of a group of them, or none. */
  | { kind: 'help'; words: readonly string[] }
  | { kind: 'version' }
  | { kind: 'problem'; message: string; hint: string };

type Problem = Extract<ParsedLine, { kind: 'problem' }>;
type OptionToken = { name: string; rawName: string; value: string | undefined; inline: boolean };
type Tokens = { options: OptionToken[]; words: string[]; positionals: string[] };

const shorts: Readonly<Record<string, string>> = { help: 'h', version: 'v' };

// One dictionary for every subcommand, because options may stand before the words: an option of one name takes a
// value everywhere or nowhere (a test of the table holds it to that).
const dictionary = Object.fromEntries(
  [...cliActions.flatMap((action) => action.cli.options), ...globalOptions].map(({ name, value }) => [
    name,
    {
      type: value === null ? ('boolean' as const) : ('string' as const),
      ...(shorts[name] === undefined ? {} : { short: shorts[name] }),
    },
  ]),
);

const problem = (message: string, hint: string): Problem => ({ kind: 'problem', message, hint });

// Long words are not repeated: a key pasted in the wrong place must not land in a terminal log.
const shown = (word: string): string => (word.length > 24 ? `${word.slice(0, 8)}…` : word);

const tokenise = (argv: readonly string[]) =>
  parseArgs({ args: [...argv], options: dictionary, strict: false, allowPositionals: true, tokens: true })
    .tokens;

/** Where the arguments of another program begin, for `run`; the end of the line for everything else. */
const endOfOurs = (argv: readonly string[], tokens: ReturnType<typeof tokenise>): number => {
  const end = tokens.find((token) => token.kind === 'option-terminator')?.index ?? argv.length;
  const words: string[] = [];
  for (const token of tokens) {
    if (token.index >= end) break;
    if (token.kind !== 'positional') continue;
    const action = cliActions.find(({ cli }) => cli.words.length > 0 && cli.words.join() === words.join());
    if (action !== undefined && takesRest(action)) return token.index;
    words.push(token.value);
  }
  return end;
};

const split = (argv: readonly string[]): Tokens => {
  const tokens = tokenise(argv);
  const end = endOfOurs(argv, tokens);
  const options: OptionToken[] = [];
  const words: string[] = [];
  for (const token of tokens) {
    if (token.index >= end) break;
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind === 'option') {
      options.push({
        name: token.name,
        rawName: token.rawName,
        value: token.value,
        inline: token.inlineValue === true,
      });
    }
  }
  return { options, words, positionals: argv.slice(argv[end] === '--' ? end + 1 : end) };
};

const findAction = (words: readonly string[]): CliAction | Problem => {
  let found: CliAction | undefined;
  for (const action of cliActions) {
    const fits = action.cli.words.every((word, index) => words[index] === word);
    if (fits && (found === undefined || action.cli.words.length > found.cli.words.length)) found = action;
  }
  if (found !== undefined && (found.cli.words.length > 0 || words.length === 0)) return found;
  const [first = '', second] = words;
  const group = cliActionsUnder([first]);
  if (group.length > 0 && second === undefined) {
    const choices = group.map((action) => action.cli.words[1]).join(', ');
    return problem(`${first} needs one of: ${choices}`, `see ccr-tui ${first} --help`);
  }
  const said = group.length > 0 ? `${first} ${second}` : first;
  const candidates = (group.length > 0 ? group : cliActionsUnder([])).map(phraseOf);
  const groups = cliActions.map((action) => action.cli.words[0] ?? '').filter((word) => word !== '');
  const near = nearestWord(said, group.length > 0 ? candidates : [...candidates, ...new Set(groups)]);
  const help = group.length > 0 ? `ccr-tui ${first} --help` : 'ccr-tui --help';
  return problem(`unknown command ${shown(said)}`, near === null ? `see ${help}` : `did you mean ${near}?`);
};

const optionProblem = (token: OptionToken, known: readonly Option[], action: CliAction): Problem | null => {
  const option = known.find(({ name }) => name === token.name);
  const help = `see ${['ccr-tui', ...action.cli.words].join(' ')} --help`;
  if (option === undefined) {
    const near = token.rawName.startsWith('--')
      ? nearestWord(
          token.name,
          known.map(({ name }) => name),
        )
      : null;
    const hint = near === null ? help : `did you mean --${near}?`;
    return problem(`unknown flag ${shown(token.rawName)}`, hint);
  }
  if (option.value === null) {
    return token.value === undefined ? null : problem(`--${option.name} takes no value`, help);
  }
  if (token.value === undefined) return problem(`--${option.name} needs a value (${option.value})`, help);
  if (!token.inline && token.value.startsWith('-') && token.value !== '-') {
    const hint = `write --${option.name}=${option.value} when it begins with a dash`;
    return problem(`--${option.name} needs a value (${option.value})`, hint);
  }
  return null;
};

const positionalProblem = (action: CliAction, positionals: readonly string[]): Problem | null => {
  const { args } = action.cli;
  const usage = `usage: ${usageLine(action)}`;
  const who = phraseOf(action) || 'ccr-tui';
  const needed = args.filter((arg) => arg !== '...' && !arg.startsWith('['));
  if (positionals.length < needed.length) return problem(`${who} needs ${needed.join(' and ')}`, usage);
  if (takesRest(action) || positionals.length <= args.length) return null;
  // What was too much is not repeated: it may be a key.
  const surplus = positionals.length - args.length;
  return problem(`${who} got ${plural(surplus, 'argument')} too many`, usage);
};

/**
 * Turns the words behind the program's name into what to do. Pure; a line it cannot accept becomes a problem with
 * what to do about it. Everything behind `run COMMAND` or `--` is left as it is.
 */
export const parseCommandLine = (argv: readonly string[]): ParsedLine => {
  const { options, words, positionals: rest } = split(argv);
  const has = (name: string): boolean => options.some((option) => option.name === name);
  const asksHelp = has('help') || words[0] === 'help';
  const said = words[0] === 'help' ? words.slice(1) : words;
  if (asksHelp && said.length === 1 && cliActionsUnder(said).length > 0) return { kind: 'help', words: said };
  const action = findAction(said);
  if ('kind' in action) {
    // `--prot 1`: the value of a mistyped flag looks like a command; the flag is what is wrong.
    const mistyped = options.find(({ name }) => !Object.hasOwn(dictionary, name));
    const program = cliActions[0];
    if (mistyped === undefined || program === undefined) return action;
    return optionProblem(mistyped, [...program.cli.options, ...globalOptions], program) ?? action;
  }
  const known = [...action.cli.options, ...globalOptions];
  for (const token of options) {
    const wrong = optionProblem(token, known, action);
    if (wrong !== null) return wrong;
  }
  if (asksHelp) return { kind: 'help', words: action.cli.words };
  if (has('version')) return { kind: 'version' };
  const positionals = [...said.slice(action.cli.words.length), ...rest];
  const wrong = positionalProblem(action, positionals);
  if (wrong !== null) return wrong;
  const given = Object.fromEntries(options.map(({ name, value }) => [name, value ?? (true as const)]));
  return { kind: 'run', action, positionals, options: given };
};

/** True when the trace behind an error is wanted; needs no valid line. */
export const wantsTrace = (argv: readonly string[]): boolean =>
  split(argv).options.some(({ name }) => name === 'debug');
