import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import type { InstanceStatus } from '../shared/commands.ts';
import { compactCount, elapsed } from '../shared/duration.ts';
import type { AccountView, EpochMs } from '../shared/types.ts';
import { serves } from '../store/selectors.ts';
import { accountJson, restingView } from './account-json.ts';
import { accountTable } from './account-table.ts';
import type { CommandContext } from './context.ts';
import { printJson, printLines } from './print.ts';
import { askInstance, notRunning } from './reach-instance.ts';

const readyCount = (accounts: readonly AccountView[]): number =>
  accounts.filter(({ state }) => serves(state)).length;

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
  accounts: status.accounts.map((account) => accountJson(account, now)),
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
    accounts: accounts.map((record) => accountJson(restingView(record, now), now)),
    totals: null,
  };
};

const plural = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

/** What a person sees of a running instance; `width` = columns of the terminal, if it is one. */
export const statusLines = (status: InstanceStatus, now: EpochMs, width: number | undefined): string[] => {
  const { totals, accounts } = status;
  const tokens = `${compactCount(totals.inputTokens)} tokens in, ${compactCount(totals.outputTokens)} out`;
  const work = [
    plural(totals.requests, 'request', 'requests'),
    plural(totals.errors, 'error', 'errors'),
    plural(totals.retries, 'retry', 'retries'),
  ].join(', ');
  return [
    `ccr-tui ${status.version} at ${status.url} (pid ${status.pid}, up ${elapsed(status.uptimeMs)})`,
    `${readyCount(accounts)} of ${accounts.length} accounts ready, strategy ${status.strategy}, ${status.inFlight} in flight`,
    `${work}, ${tokens}, ~${totals.costUsd.toFixed(2)} USD`,
    ...(status.history.ok ? [] : [`history is off: ${status.history.reason ?? 'unknown reason'}`]),
    '',
    ...(accounts.length === 0
      ? ['no account yet; add one: ccr-tui account add NAME']
      : accountTable(accounts, now, width)),
  ];
};

/** `status`: one look at the running instance; exit 4 when there is none. */
export const run = async (context: CommandContext): Promise<number> => {
  const { options, env, stdout, clock } = context;
  const json = options['json'] === true;
  const status = await askInstance<InstanceStatus | null>(
    resolvePaths(env),
    (instance) => instance.run('status', {}),
    () => null,
  );
  if (status === null) {
    if (!json) throw notRunning('start it with ccr-tui or ccr-tui serve');
    await printJson(stdout, restingJson(context));
    return notRunning().exitCode;
  }
  const now = clock.now();
  if (json) await printJson(stdout, statusJson(status, now));
  else await printLines(stdout, statusLines(status, now, stdout.columns));
  return 0;
};
