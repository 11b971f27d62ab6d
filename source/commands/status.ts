import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import type { InstanceStatus, Totals } from '../shared/commands.ts';
import { CcrError } from '../shared/errors.ts';
import { isoTime } from '../shared/iso-time.ts';
import type { PoolForecast } from '../shared/forecast.ts';
import { compactCount, elapsed } from '../shared/duration.ts';
import { plural } from '../shared/plural.ts';
import type { AccountView, EpochMs } from '../shared/types.ts';
import { captureSentence } from '../store/capture-sentence.ts';
import { poolText } from '../store/outlook-words.ts';
import { serves } from '../store/selectors.ts';
import { accountJson, restingView } from './account-json.ts';
import { budgetJson, budgetLine } from './budget-words.ts';
import { accountTable } from './account-table.ts';
import type { CommandContext } from './context.ts';
import { printJson, printLines } from './print.ts';
import { askInstance, notRunning } from './reach-instance.ts';
import { statusLine } from './status-line.ts';

const readyCount = (accounts: readonly AccountView[]): number =>
  accounts.filter(({ state }) => serves(state)).length;

/** null while too little is known. */
const poolJson = (pool: PoolForecast | null): Record<string, unknown> | null =>
  pool === null
    ? null
    : { dryAt: isoTime(pool.dryAt), lasts: pool.dryAt === null, untilAt: isoTime(pool.until) };

/** What `--json` prints of a running instance. */
export const statusJson = (status: InstanceStatus, now: EpochMs): Record<string, unknown> => ({
  version: status.version,
  running: true,
  url: status.url,
  pid: status.pid,
  uptimeMs: status.uptimeMs,
  strategy: status.strategy,
  credentialStore: status.credentialStore,
  ready: readyCount(status.accounts),
  inFlight: status.inFlight,
  history: status.history,
  capture: status.capture ?? null,
  accounts: status.accounts.map((account) => accountJson(account, now)),
  budgets: (status.budgets ?? []).map(budgetJson),
  pool: poolJson(status.pool ?? null),
  totals: status.totals,
});

/** The same shape without an instance: what the settings say, null for what only an instance knows. */
const restingJson = ({ env, clock, version }: CommandContext): Record<string, unknown> => {
  const { config, accounts } = loadSettings({ paths: resolvePaths(env), env, flags: {} });
  const now = clock.now();
  return {
    version,
    running: false,
    url: null,
    pid: null,
    uptimeMs: null,
    strategy: config.strategy,
    credentialStore: config.credentialStore,
    ready: null,
    inFlight: null,
    history: null,
    capture: null,
    accounts: accounts.map((record) => accountJson(restingView(record, now), now)),
    budgets: null,
    pool: null,
    totals: null,
  };
};

/** Money and what plans gave, apart; a sum that lacks something says so. */
const moneyText = ({ costUsd, listValueUsd, unpricedRequests }: Totals): string => {
  const parts = [`~${costUsd.toFixed(2)} USD cost`];
  if (listValueUsd > 0) parts.push(`~${listValueUsd.toFixed(2)} USD list value`);
  if (unpricedRequests > 0) parts.push(`${plural(unpricedRequests, 'request')} without a price`);
  return parts.join(', ');
};

/** What is kept of requests beside their rows, where something is, or should be. */
const captureLines = ({ capture }: InstanceStatus): string[] => {
  const sentence = capture === undefined ? null : captureSentence(capture);
  return sentence === null ? [] : [sentence];
};

/** What a person sees of a running instance; `width` = columns of the terminal, if it is one. */
export const statusLines = (status: InstanceStatus, now: EpochMs, width: number | undefined): string[] => {
  const { totals, accounts } = status;
  const tokens = `${compactCount(totals.inputTokens)} tokens in, ${compactCount(totals.outputTokens)} out`;
  const work = [
    plural(totals.requests, 'request'),
    plural(totals.errors, 'error'),
    plural(totals.retries, 'retry', 'retries'),
  ].join(', ');
  return [
    `ccr-tui ${status.version} at ${status.url} (pid ${status.pid}, up ${elapsed(status.uptimeMs)})`,
    `${readyCount(accounts)} of ${accounts.length} accounts ready, strategy ${status.strategy}, ${status.inFlight} in flight, pool ${poolText(status.pool ?? null, now)}`,
    `${work}, ${tokens}, ${moneyText(totals)}`,
    ...(status.budgets ?? []).map((budget) => budgetLine(budget, now)),
    ...(status.history.ok ? [] : [`history is off: ${status.history.reason ?? 'unknown reason'}`]),
    ...captureLines(status),
    '',
    ...(accounts.length === 0
      ? ['no account yet; add one: ccr-tui account add NAME']
      : accountTable(accounts, now, width)),
  ];
};

/** `status`: one look at the running instance; exit 4 when there is none. Rejects with `usage`. */
export const run = async (context: CommandContext): Promise<number> => {
  const { options, env, stdout, clock } = context;
  const json = options['json'] === true;
  const asLine = options['line'] === true;
  if (json && asLine)
    throw new CcrError('usage', '--json and --line cannot both be', { hint: 'leave one of them out' });
  const status = await askInstance<InstanceStatus | null>(
    resolvePaths(env),
    (instance) => instance.run('status', {}),
    () => null,
  );
  if (status === null) {
    if (asLine) {
      // Whoever runs it draws what stands on stdout.
      await printLines(stdout, ['ccr-tui: not running']);
      return notRunning().exitCode;
    }
    if (!json) throw notRunning('start it with ccr-tui or ccr-tui serve');
    await printJson(stdout, restingJson(context));
    return notRunning().exitCode;
  }
  const now = clock.now();
  if (asLine) await printLines(stdout, [statusLine(status, now)]);
  else if (json) await printJson(stdout, statusJson(status, now));
  else await printLines(stdout, statusLines(status, now, stdout.columns));
  return 0;
};
