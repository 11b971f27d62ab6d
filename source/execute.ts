import { viewOf, freshRuntime } from './balancer/account-state.ts';
import type { Document } from './config/document.ts';
import type { Settings } from './config/settings.ts';
import { createAccountBook } from './credentials/account-book.ts';
import { refuseOwnAddress } from './credentials/account-input.ts';
import type { Audit } from './credentials/audit.ts';
import type { HistoryClient } from './history/client.ts';
import type { Bound } from './proxy/listen.ts';
import { auditOf } from './shared/audit-event.ts';
import { keyHandlers, type KeyHandlerOptions } from './key-handlers.ts';
import type { Clock } from './shared/clock.ts';
import type { CommandHandlers, InstanceStatus } from './shared/commands.ts';
import { CcrError } from './shared/errors.ts';
import { takeSecret } from './shared/secret-bytes.ts';
import type { Execute } from './shared/session.ts';
import type { AccountRecord, AccountView } from './shared/types.ts';
import type { Store } from './store/store.ts';
import type { SupervisedProxy } from './supervise-proxy.ts';
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
  proxy: Pick<
    SupervisedProxy,
    'setAccounts' | 'setConfig' | 'putSecret' | 'removeSecret' | 'setClientKeys' | 'hashKey'
  >;
  history: Pick<HistoryClient, 'status'>;
  /** Where it is written down what commands have changed. */
  audit: Audit;
  bound: Bound;
  onStop(): void;
};

/** Carries out the commands of the control socket and of the screen; each handler is one row of the table. */
export const createExecute = (options: ExecuteOptions): Execute => {
  const handlers: CommandHandlers = {
    ...readingHandlers(options),
    ...accountHandlers(options),
    ...settingHandlers(options),
    ...keyHandlers(options),
  };
  return async (command, secret, via = 'cli') => {
    const handler = handlers[command.name] as (args: unknown, secret: Uint8Array | null) => unknown;
    const result = await handler(command.args, secret);
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
  bound,
  onStop,
}: ExecuteOptions): CommandHandlers<'status' | 'account.list' | 'stop'> => ({
  status: (): InstanceStatus => {
    const state = store.state();
    return {
      version: packageVersion(),
      url: bound.url,
      pid: process.pid,
      uptimeMs: clock.now() - state.startedAt,
      strategy: settings.config.strategy,
      credentialStore: storeInUse(settings),
      inFlight: state.inFlight,
      history: history.status(),
      accounts: [...state.accounts],
      totals: state.totals,
    };
  },
  'account.list': () => [...store.state().accounts],
  stop: () => {
    // After the answer has gone out.
    setImmediate(onStop);
    return { draining: store.state().inFlight };
  },
});

/** The store the accounts use; the setting as long as there is none. */
const storeInUse = ({ accounts, config }: Settings): string =>
  accounts.at(-1)?.store ?? config.credentialStore;

type AccountChange = `account.${'add' | 'remove' | 'pause' | 'resume'}`;

const accountHandlers = ({
  document,
  settings,
  clock,
  store,
  proxy,
  bound,
}: ExecuteOptions): CommandHandlers<AccountChange> => {
  const book = createAccountBook({
    document: {
      // Every change of the records reaches the data plane before the command is answered.
      async updateAccounts(change) {
        settings.accounts = await document.updateAccounts(change);
        proxy.setAccounts(settings.accounts);
        return settings.accounts;
      },
    },
    keeper: {
      put: (id, secret, decided) => proxy.putSecret(id, secret, decided),
      remove: (id, name) => proxy.removeSecret(id, name),
    },
    clock,
    readAccounts: () => settings.accounts,
  });
  const setPaused = async (account: string, paused: boolean): Promise<AccountView> => {
    const record = await book.setPaused(account, paused);
    return seen(store, record, clock, (view) => view.paused === paused);
  };
  return {
    'account.add': async ({ force, ...account }, secret) => {
      if (secret === null)
        throw new CcrError('bad_secret', 'no secret was given', { hint: 'pass it on stdin' });
      refuseOwnAddress(account.baseUrl, bound);
      const { record, notice } = await book.add(account, takeSecret(secret), { force });
      return { account: await seen(store, record, clock, () => true), store: record.store, notice };
    },
    'account.remove': async ({ account }) => {
      const { record, notice } = await book.remove(account);
      return { name: record.name, notice };
    },
    'account.pause': ({ account }) => setPaused(account, true),
    'account.resume': ({ account }) => setPaused(account, false),
  };
};

/** How long the data plane may take to tell of a change before the records speak for it. */
const patienceMs = 1000;

/** The account's view once the data plane has told of the change, so that the caller sees what everybody sees. */
const seen = async (
  store: Store,
  record: AccountRecord,
  clock: Clock,
  settled: (view: AccountView) => boolean,
): Promise<AccountView> => {
  const find = (): AccountView | undefined => store.state().accounts.find(({ id }) => id === record.id);
  const { promise, resolve } = Promise.withResolvers<void>();
  const check = (): void => {
    const view = find();
    if (view && settled(view)) resolve();
  };
  const unsubscribe = store.subscribe(check);
  const timer = setTimeout(resolve, patienceMs);
  check();
  await promise;
  clearTimeout(timer);
  unsubscribe();
  return find() ?? viewOf(record, freshRuntime, clock.now());
};

const settingHandlers = ({
  document,
  settings,
  reload,
  proxy,
}: ExecuteOptions): CommandHandlers<`config.${'set' | 'unset'}`> => {
  const applied = (result: { restart: boolean }): { restart: boolean } => {
    const { config, entries } = reload();
    // Where and how it listens cannot change under it: the port of this instance is the one it is bound to.
    const { port, host, tls, insecureBind } = settings.config;
    settings.config = { ...config, port, host, tls, insecureBind };
    settings.entries = entries;
    proxy.setConfig(settings.config);
    return result;
  };
  return {
    'config.set': async ({ key, value }) => applied(await document.set(key, value)),
    'config.unset': async ({ key }) => applied(await document.unset(key)),
  };
};
