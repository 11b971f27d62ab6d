import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { strategies } from '../balancer/strategies.ts';
import { resolvePaths } from '../config/paths.ts';
import { nearest } from '../config/nearest.ts';
import { loadSettings } from '../config/settings.ts';
import { CcrError } from '../shared/errors.ts';
import { sanitize } from '../shared/sanitize.ts';
import { seededRandom } from '../shared/seeded-random.ts';
import { systemCode } from '../shared/system-code.ts';
import { textTable } from '../shared/text-table.ts';
import { asEpoch, type StrategyName } from '../shared/types.ts';
import { parseWorld } from '../simulate/accounts.ts';
import { figuresOf, type Figures } from '../simulate/figures.ts';
import type { Outcome } from '../simulate/outcome.ts';
import { replay } from '../simulate/replay.ts';
import { parseTrace, type Trace } from '../simulate/trace.ts';
import { ageOption } from './age-option.ts';
import type { CommandContext } from './context.ts';
import type { GivenOptions } from './parse-command-line.ts';
import { print, printJson, printLines } from './print.ts';

const textOption = (options: GivenOptions, name: string): string => {
  const text = options[name];
  if (typeof text === 'string' && text !== '') return text;
  throw new CcrError('usage', `simulate needs --${name}`, {
    hint: 'ccr-tui simulate --help shows an example',
  });
};

const strategyOf = (name: string): StrategyName => {
  if (Object.hasOwn(strategies, name)) return name as StrategyName;
  const names = Object.keys(strategies);
  const near = nearest(name, names);
  throw new CcrError('usage', `there is no strategy ${sanitize(name, 40)}`, {
    hint: near === null ? `use ${names.join(', ')}` : `did you mean ${near}?`,
  });
};

/** Far more than any trace of ours; a file that is longer is not read. */
const longestFile = 256 * 1024 * 1024;

const readJson = (file: string): unknown => {
  const tooLong = (): CcrError => new CcrError('usage', `${file}: the file: wanted at most 256 MiB`);
  let text: string;
  try {
    if (statSync(file).size > longestFile) throw tooLong();
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof CcrError) throw error;
    throw new CcrError('usage', `${file}: cannot be read (${systemCode(error)})`, { cause: error });
  }
  // A pipe has no size before it was read.
  if (text.length > longestFile) throw tooLong();
  try {
    return JSON.parse(text);
  } catch {
    throw new CcrError('usage', `${file}: the file: wanted JSON`);
  }
};

/** A line for each request, as the format of decision logs has it. */
const decisionLine = (outcome: Outcome): string => {
  if (outcome.outcome === 'cancelled') return JSON.stringify(outcome);
  const { attempts, ...rest } = outcome;
  return JSON.stringify(attempts.length === 0 ? rest : { ...rest, attempts });
};

const usd = (amount: number): string => amount.toFixed(2);
const share = (part: number): string => `${(part * 100).toFixed(1)} %`;

const rowsOf = (figures: Figures): string[][] => [
  ['requests', String(figures.requests)],
  ['served', `${figures.served} (${share(figures.servedShare)} of the work)`],
  ['refused', `${figures.refused}, and ${figures.cancelled} that would have come after them`],
  ['of what was possible', figures.boundShare === null ? '—' : share(figures.boundShare)],
  ['waited', `${Math.round(figures.waitedMs / 1000)} s in all`],
  ['moves', `${figures.moves}, of them ${figures.warmMoves} away from a warm cache`],
  ['refusals of providers', String(figures.attempts429)],
  ['more paid for input', share(figures.cacheInflation)],
  ['cost, USD', `${usd(figures.costUsd)}, of it ${usd(figures.apiCostUsd)} by the token`],
  [
    'quota unused, USD',
    `${usd(figures.expiredUnused)}, of it ${usd(figures.expiredWhileRefused)} while work was refused`,
  ],
];

const usualSinceMs = 7 * 86_400_000;

/** What was asked: from a file, or as the history has recorded it. */
const traceOf = async (context: CommandContext): Promise<Trace> => {
  const { options, env, clock, stderr } = context;
  if (options['from-history'] !== true) {
    const file = textOption(options, 'trace');
    return parseTrace(file, basename(file).replace(/\.trace\.json$|\.json$/, ''), readJson(file));
  }
  if (options['trace'] !== undefined) {
    throw new CcrError('usage', '--trace and --from-history are two traces', { hint: 'name one of them' });
  }
  const since = asEpoch(clock.now() - (ageOption(options, 'since') ?? usualSinceMs));
  const [{ readHistory }, { historyTrace }, { priceWith }] = await Promise.all([
    import('../history/queries.ts'),
    import('./history-trace.ts'),
    import('../store/prices.ts'),
  ]);
  const paths = resolvePaths(env);
  const { prices } = loadSettings({ paths, env, flags: {} }).config;
  const rows = readHistory({ file: paths.history, since, limit: null });
  const { trace, left } = historyTrace(rows, priceWith(prices));
  if (left > 0) {
    const what = left === 1 ? '1 request is' : `${left} requests are`;
    await printLines(stderr, [`ccr-tui: ${what} left out: what they cost is not known`]);
  }
  return parseTrace('the history', 'history', trace);
};

/** What both give. Where both are refused, what is wrong with each of them is told at once. */
const both = async <One, Other>(one: () => Promise<One>, other: () => Other): Promise<[One, Other]> => {
  const [first, second] = await Promise.allSettled([one(), Promise.resolve().then(other)]);
  if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value, second.value];
  const failures = [first, second].flatMap((each) =>
    each.status === 'rejected' ? [each.reason as unknown] : [],
  );
  if (failures.length === 1 || !failures.every((error) => error instanceof CcrError)) throw failures[0];
  throw new CcrError('usage', failures.map(({ message }) => message).join('; '));
};

/** `simulate`: lets a trace happen once more with the balancer of the proxy, and adds up what came of it. */
export const run = async (context: CommandContext): Promise<number> => {
  const { options, env, stdout } = context;
  const file = textOption(options, 'accounts');
  const strategy = strategyOf(textOption(options, 'strategy'));
  const hold =
    ageOption(options, 'hold') ?? loadSettings({ paths: resolvePaths(env), env, flags: {} }).config.holdMs;
  const [trace, world] = await both(
    () => traceOf(context),
    () => parseWorld(file, readJson(file)),
  );
  const holdMs = Math.min(hold, world.policy.maxHoldMs);
  const done = replay(trace, world, { strategy, holdMs, random: seededRandom(trace.seed) });
  const decisions = options['decisions'];
  if (typeof decisions === 'string') {
    const log = `${done.outcomes.map((outcome) => decisionLine(outcome)).join('\n')}\n`;
    if (decisions === '-') {
      await print(stdout, log);
      return 0;
    }
    writeLog(decisions, log);
  }
  const figures = figuresOf(trace, world, strategy, done);
  if (options['json'] === true) await printJson(stdout, figures);
  else {
    const columns = [
      { title: figures.trace, align: 'left' },
      { title: figures.strategy, align: 'left' },
    ] as const;
    await printLines(stdout, textTable(columns, rowsOf(figures)));
  }
  return 0;
};

const writeLog = (file: string, log: string): void => {
  try {
    writeFileSync(file, log);
  } catch (error) {
    throw new CcrError('failed', `${file}: cannot be written (${systemCode(error)})`, { cause: error });
  }
};
