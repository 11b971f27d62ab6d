import { tmpdir } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { environmentWarnings } from './config/environment-warnings.ts';
import { openDocument } from './config/document.ts';
import { bindWarnings, refuseOpenBind } from './config/open-bind.ts';
import { ensureFolder, type Paths } from './config/paths.ts';
import { loadSettings, type Settings, type SettingsInput } from './config/settings.ts';
import { acquireInstanceLock } from './control/instance-lock.ts';
import { startControlServer, type ControlServer } from './control/server.ts';
import { prepareSocketPath } from './control/socket-path.ts';
import { createExecute, type ExecuteOptions } from './execute.ts';
import { keepAudit } from './keep-audit.ts';
import { readHistory } from './history/queries.ts';
import { openHistory, type HistoryClient } from './history/client.ts';
import type { Bound } from './proxy/listen.ts';
import type { Clock } from './shared/clock.ts';
import type { Command } from './shared/commands.ts';
import type { EpochMs } from './shared/types.ts';
import type { Secret } from './shared/secret.ts';
import type { Commander, Execute } from './shared/session.ts';
import { pricedRequest, priceOf } from './store/prices.ts';
import { createStore, type Store } from './store/store.ts';
import { keepKeys, type KeepKeysOptions } from './keep-keys.ts';
import { openInstanceKeys, type InstanceKeysOptions } from './key-handlers.ts';
import { superviseProxy, type SupervisedProxy } from './supervise-proxy.ts';
import { unlessAborted } from './unless-aborted.ts';
import { packageVersion } from './version.ts';

/** A running proxy with everything that belongs to it, but no screen. */
export type RunningInstance = Commander & {
  bound: Bound;
  store: Store;
  settings: Settings;
  /** Resolves when somebody asks the instance to stop; rejects when nothing serves any more. */
  stopAsked: Promise<void>;
  /** Lets requests finish for at most `limitMs`; resolves with the number that had to be cut. */
  drain(limitMs: number): Promise<number>;
  /** Ends everything else, in order. Afterwards only data of the instance is left on disk. */
  close(): Promise<void>;
};

/** What there is of an instance before it listens. */
export type Starting = { store: Store; settings: Settings };

export type InstanceOptions = {
  paths: Paths;
  env: SettingsInput['env'];
  flags: NonNullable<SettingsInput['flags']>;
  clock: Clock;
  /** Aborted = nobody wants it any more: the start is given up and rejects. */
  signal?: AbortSignal;
  /** Called when the proxy's thread has been started: what takes time here may be done while that one loads. */
  onStarting?(starting: Starting): void;
};

/** What has to be ended, newest last. */
type Undo = (() => unknown)[];

/** Starts everything and resolves when the proxy listens. What had started is ended again when a part fails. */
export const startInstance = async (options: InstanceOptions): Promise<RunningInstance> => {
  const { paths, env, flags } = options;
  const settings = loadSettings({ paths, env, flags });
  refuseOpenBind(settings, options.clock.now());
  for (const folder of paths.folders) ensureFolder(folder);
  const undo: Undo = [];
  try {
    return await assemble(options, settings, undo);
  } catch (error) {
    await runBackwards(undo);
    throw error;
  }
};

const runBackwards = async (undo: Undo): Promise<void> => {
  for (let step = undo.pop(); step; step = undo.pop()) await step();
};

const assemble = async (
  options: InstanceOptions,
  settings: Settings,
  undo: Undo,
): Promise<RunningInstance> => {
  const { paths, env, flags, clock, signal } = options;
  const { config, accounts, clientKeys } = settings;
  const { pid } = process;
  const version = packageVersion();
  const lock = await acquireInstanceLock({ lockFile: paths.instanceLock, version, now: clock.now(), pid });
  undo.push(() => lock.release());
  const store = createStore({ clock, price: priceOf });
  const stop = Promise.withResolvers<void>();
  const proxy = superviseProxy({
    settings: { config, accounts, clientKeys, paths, spending: null },
    clock,
    onEvents: store.apply,
    onGivingUp: stop.reject,
  });
  undo.push(() => proxy.terminate());
  options.onStarting?.({ store, settings });
  for (const text of [...environmentWarnings(env), ...bindWarnings(settings, clock.now())]) {
    store.log('warning', text);
  }
  const bound = await unlessAborted(proxy.listening, signal);
  settings.config = { ...settings.config, host: bound.host, port: bound.port };
  // Only now: the history's thread must not compete with the one that is about to listen.
  const history = keepHistory(settings, paths, store);
  undo.push(() => history.close());
  const reload = (): Settings => loadSettings({ paths, env, flags });
  const onStop = stop.resolve;
  const document = openDocument(paths);
  const audit = keepAudit(paths, clock, store, bound);
  undo.push(() => audit.end());
  const keys = watchKeys({ document, settings, clock, store, proxy, paths }, undo);
  const parts = { document, settings, reload, clock, store, proxy, history, audit, bound, onStop };
  const execute = createExecute({ ...parts, ...keys });
  const control = await openControl({ options, token: lock.token, store, execute, bound, version });
  undo.push(() => control.close());
  // Only now: whoever reads the lock file finds a socket that answers.
  lock.update({ socket: control.socketPath, url: bound.url });
  catchUp(settings, reload, proxy);
  return {
    bound,
    store,
    settings,
    stopAsked: stop.promise,
    run: (name, args, secret) =>
      execute({ name, args } as Command, secret ?? null, 'screen') as Promise<never>,
    drain: (limitMs) => proxy.drain(limitMs),
    close: () => runBackwards(undo),
  };
};

/** What commands wrote into the settings after they were read for the start; whoever comes later asks the instance. */
const catchUp = (
  settings: Settings,
  reload: () => Settings,
  proxy: Pick<SupervisedProxy, 'setAccounts'>,
): void => {
  try {
    const { accounts } = reload();
    if (isDeepStrictEqual(accounts, settings.accounts)) return;
    settings.accounts = accounts;
    proxy.setAccounts(accounts);
  } catch {
    // Settings that became unreadable meanwhile are told by the next command that needs them.
  }
};

/** Writes every finished request down, and says when that stops working. */
const keepHistory = ({ config }: Settings, paths: Paths, store: Store): HistoryClient => {
  const history = openHistory({
    file: paths.history,
    ...config.history,
    onStatus({ ok, reason }) {
      const text = ok ? 'the history is written again' : `the history is off: ${reason ?? 'unknown reason'}`;
      store.log(ok ? 'info' : 'warning', text);
    },
  });
  store.feed.onEvents((events) => {
    for (const { event } of events) {
      if (event.type === 'requestFinished') history.write(pricedRequest(event.request, priceOf));
    }
  });
  return history;
};

type Watched = Omit<InstanceKeysOptions, 'lockFile'> &
  Pick<KeepKeysOptions, 'proxy'> & { store: Store; paths: Paths };

/** Sees to the keys of clients as long as the instance runs. */
const watchKeys = (parts: Watched, undo: Undo): Pick<ExecuteOptions, 'keys' | 'lastUse'> => {
  const { store, paths } = parts;
  const keys = openInstanceKeys({ ...parts, lockFile: paths.keyLock });
  const begunSince = (since: EpochMs) => readHistory({ file: paths.history, since, limit: null });
  const kept = keepKeys({ ...parts, keys, price: priceOf, begunSince, log: store.log });
  store.feed.onEvents((events) => kept.apply(events.map(({ event }) => event)));
  undo.push(() => kept.close());
  return { keys, lastUse: kept.lastUse };
};

type ControlParts = {
  options: InstanceOptions;
  token: Secret;
  store: Store;
  execute: Execute;
  bound: Bound;
  version: string;
};

/** Opens the socket for other processes of this user. */
const openControl = async (parts: ControlParts): Promise<ControlServer & { socketPath: string }> => {
  const { options, token, store, execute, bound, version } = parts;
  const { env, paths } = options;
  const { platform, pid } = process;
  const uid = process.getuid?.() ?? null;
  const controlSocket = paths.controlSocket;
  const socketPath = prepareSocketPath({ controlSocket, platform, env, uid, temporary: tmpdir() });
  const control = await startControlServer({
    socketPath,
    token,
    execute,
    feed: store.feed,
    snapshot: () => store.state(),
    welcome: () => ({ version, pid, url: bound.url }),
  });
  return { ...control, socketPath };
};
