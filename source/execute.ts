import { accountHandlers } from './account-handlers.ts';
import { auditHandlers, type AuditHandlerOptions } from './audit-handlers.ts';
import { secretHandlers } from './secret-handlers.ts';
import type { Document } from './config/document.ts';
import type { Settings } from './config/settings.ts';
import type { Audit } from './credentials/audit.ts';
import type { HistoryClient } from './history/client.ts';
import type { Bound } from './proxy/listen.ts';
import { auditOf } from './shared/audit-event.ts';
import { keyHandlers, type KeyHandlerOptions } from './key-handlers.ts';
import { requestHandlers } from './request-handlers.ts';
import type { KeptCaptures } from './keep-captures.ts';
import type { Clock } from './shared/clock.ts';
import type { BudgetView } from './shared/budget.ts';
import type { CommandHandlers, InstanceStatus } from './shared/commands.ts';
import type { Execute } from './shared/session.ts';
import { statisticsHandlers } from './statistics-handlers.ts';
import { withForecasts } from './store/outlook.ts';
import { poolForecastOf } from './store/pool-forecast.ts';
import type { Store } from './store/store.ts';
import type { SupervisedProxy } from './supervise-proxy.ts';
import { vaultHandlers } from './vault-handlers.ts';
import { packageVersion } from './version.ts';

export type ExecuteOptions = {
  /** Keeps what is changed. */
  document: Document;
  settings: Settings;
  /** Reads the settings again as at the start, with the same environment and flags. */
  reload(): Settings;
  clock: Clock;
  store: Store;
  /** Of clients. */
  keys: KeyHandlerOptions['keys'];
  lastUse: KeyHandlerOptions['lastUse'];
  /** Each budget as it stands. */
  budgets(): BudgetView[];
  proxy: Pick<
    SupervisedProxy,
    | 'setAccounts'
    | 'setConfig'
    | 'putSecret'
    | 'removeSecret'
    | 'setClientKeys'
    | 'hashKey'
    | 'named'
    | 'replaceLogin'
    | 'resetAccount'
    | 'readUsage'
    | 'testAccount'
    | 'refreshToken'
    | 'endHold'
    | 'runStore'
  >;
  history: Pick<HistoryClient, 'status' | 'statistics' | 'heads'>;
  captures: Pick<KeptCaptures, 'apply' | 'status'>;
  /** Where it is written down what commands have changed. */
  audit: Audit & AuditHandlerOptions['audit'];
  bound: Bound;
  onStop(): void;
};

/** Carries out the commands of the control socket and of the screen; each handler is one row of the table. */
export const createExecute = (options: ExecuteOptions): Execute => {
  const handlers: CommandHandlers = {
    ...readingHandlers(options),
    ...accountHandlers(options),
    ...secretHandlers(options),
    ...settingHandlers(options),
    ...requestHandlers(options),
    ...statisticsHandlers(options),
    ...auditHandlers(options),
    ...keyHandlers(options),
    ...vaultHandlers(options),
  };
  return async (command, secret, via = 'cli') => {
    const handler = handlers[command.name] as (args: unknown, secret: Uint8Array | null) => unknown;
    const result = await handler(command.args, secret);
    // The key for captures may lie in there.
    if (command.name === 'vault.unlock') void options.captures.apply();
    const event = auditOf(command, result);
    if (event !== null) await options.audit.record(event, via);
    return result;
  };
};

const readingHandlers = ({
  settings,
  clock,
  store,
  history,
  captures,
  bound,
  budgets,
  onStop,
}: ExecuteOptions): CommandHandlers<'status' | 'account.list' | 'stop'> => ({
  status: (): InstanceStatus => {
    const state = store.state();
    const now = clock.now();
    return {
      version: packageVersion(),
      url: bound.url,
      pid: process.pid,
      uptimeMs: now - state.startedAt,
      strategy: settings.config.strategy,
      credentialStore: storeInUse(settings),
      inFlight: state.inFlight,
      history: history.status(),
      capture: captures.status(),
      budgets: budgets(),
      accounts: withForecasts(state.accounts, state.use, now),
      pool: poolForecastOf(state.accounts, state.use, now),
      totals: state.totals,
    };
  },
  'account.list': () => withForecasts(store.state().accounts, store.state().use, clock.now()),
  stop: () => {
    // After the answer has gone out.
    setImmediate(onStop);
    return { draining: store.state().inFlight };
  },
});

/** The store the accounts use; the setting as long as there is none. */
const storeInUse = ({ accounts, config }: Settings): string =>
  accounts.findLast(({ store }) => store !== 'memory')?.store ?? config.credentialStore;

const captureSettings = ({ capture, captureKiB, captureDays, captureMiB }: Settings['config']): string =>
  [capture, captureKiB, captureDays, captureMiB].join(' ');

const settingHandlers = ({
  document,
  settings,
  reload,
  proxy,
  captures,
  store,
  clock,
}: ExecuteOptions): CommandHandlers<`config.${'set' | 'unset'}`> => {
  const applied = (result: { restart: boolean }): { restart: boolean } => {
    const { config, entries } = reload();
    // Where and how it listens cannot change under it: the port of this instance is the one it is bound to.
    const { port, host, tls, insecureBind, strategy } = settings.config;
    const before = captureSettings(settings.config);
    settings.config = { ...config, port, host, tls, insecureBind };
    settings.entries = entries;
    proxy.setConfig(settings.config);
    if (strategy !== config.strategy) {
      store.apply([{ type: 'strategyChosen', at: clock.now(), strategy: config.strategy }]);
    }
    if (captureSettings(config) !== before) void captures.apply();
    return result;
  };
  return {
    'config.set': async ({ key, value }) => applied(await document.set(key, value)),
    'config.unset': async ({ key }) => applied(await document.unset(key)),
  };
};
