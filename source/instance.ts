import { isDeepStrictEqual } from 'node:util';
import { environmentWarnings } from './config/environment-warnings.ts';
import { openDocument } from './config/document.ts';
import { bindWarnings, refuseOpenBind } from './config/open-bind.ts';
import { ensureFolder, type Paths } from './config/paths.ts';
import { loadSettings, type Settings, type SettingsInput } from './config/settings.ts';
import { acquireInstanceLock } from './control/instance-lock.ts';
import { passphraseFileOf } from './credentials/passphrase-file.ts';
import type { WorkerSettings } from './proxy/messages.ts';
import { holdEvents } from './hold-events.ts';
import type { Bound } from './proxy/listen.ts';
import { parseBudget } from './shared/budget.ts';
import type { CaptureStatus } from './shared/capture.ts';
import type { Clock } from './shared/clock.ts';
import type { Command } from './shared/commands.ts';
import type { Commander } from './shared/session.ts';
import { priceWith } from './store/prices.ts';
import { createStore, type Store } from './store/store.ts';
import { liveDocument } from './live-document.ts';
import { keepProfile } from './keep-profile.ts';
import { superviseProxy, type SupervisedProxy } from './supervise-proxy.ts';
import type { Undo } from './watch-spending.ts';
import { unlessAborted } from './unless-aborted.ts';
import { packageVersion } from './version.ts';

/** A running proxy with everything that belongs to it, but no screen. */
export type RunningInstance = Commander & {
  bound: Bound;
  store: Store;
  settings: Settings;
  /** Whether requests are captured, once that is clear. Never rejects. */
  capturing: Promise<CaptureStatus>;
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

/** What was spent before is told when it is counted; whom a budget could refuse waits for it. */
const workerSettings = (
  { config, accounts, clientKeys }: Settings,
  paths: Paths,
  env: InstanceOptions['env'],
): WorkerSettings => {
  const canRefuse = config.budgets.some((text) => parseBudget(text)?.hard === true);
  const uncounted = { spending: null, budgets: canRefuse ? null : [] };
  return { config, accounts, clientKeys, paths, ...uncounted, passphraseFile: passphraseFileOf(env) };
};

const assemble = async (
  options: InstanceOptions,
  settings: Settings,
  undo: Undo,
): Promise<RunningInstance> => {
  const { paths, env, flags, clock, signal } = options;
  const { prices, strategy } = settings.config;
  const { pid } = process;
  const reload = (): Settings => loadSettings({ paths, env, flags });
  const version = packageVersion();
  const lock = await acquireInstanceLock({ lockFile: paths.instanceLock, version, now: clock.now(), pid });
  undo.push(() => lock.release());
  const store = createStore({ clock, price: priceWith(prices), prices, strategy });
  const stop = Promise.withResolvers<void>();
  const document = openDocument(paths, { onUnsynced: (text) => store.log('warning', text) });
  const events = holdEvents(store.apply);
  const proxy: SupervisedProxy = superviseProxy({
    settings: workerSettings(settings, paths, env),
    clock,
    onEvents: events.apply,
    onProfile: (account, profile) => void keep(account, profile),
    onGivingUp: stop.reject,
  });
  undo.push(() => proxy.terminate());
  const keep = keepProfile({
    document: liveDocument({ document, settings, proxy }),
    settings,
    log: store.log,
  });
  options.onStarting?.({ store, settings });
  // Nobody waits for what the proxy does not need: it is loaded while the proxy's thread loads.
  const services = import('./services.ts');
  for (const text of [...environmentWarnings(env), ...bindWarnings(settings, clock.now())]) {
    store.log('warning', text);
  }
  const bound = await unlessAborted(proxy.listening, signal);
  // Requests come from now on, and those who write them down are not there yet.
  events.hold();
  settings.config = { ...settings.config, host: bound.host, port: bound.port };
  const { openServices } = await services;
  const { execute, socketPath, capturing } = await openServices(
    { options, settings, reload, document, store, proxy, bound, token: lock.token, onStop: stop.resolve },
    undo,
  );
  events.release();
  // Only now: whoever reads the lock file finds a socket that answers.
  lock.update({ socket: socketPath, url: bound.url });
  catchUp(settings, reload, proxy);
  return {
    bound,
    store,
    settings,
    stopAsked: stop.promise,
    capturing,
    run: (name, args, secret) =>
      execute({ name, args } as Command, secret ?? null, 'screen') as Promise<never>,
    drain: (limitMs) => proxy.drain(limitMs),
    close: () => runBackwards(undo),
  };
};

/** Accounts and keys that commands wrote down after they were read for the start; whoever comes later asks the instance. */
const catchUp = (
  settings: Settings,
  reload: () => Settings,
  proxy: Pick<SupervisedProxy, 'setAccounts' | 'setClientKeys'>,
): void => {
  try {
    const { accounts, clientKeys } = reload();
    if (!isDeepStrictEqual(accounts, settings.accounts)) proxy.setAccounts(accounts);
    if (!isDeepStrictEqual(clientKeys, settings.clientKeys)) proxy.setClientKeys(clientKeys);
    Object.assign(settings, { accounts, clientKeys });
  } catch {
    // Settings that became unreadable meanwhile are told by the next command that needs them.
  }
};
