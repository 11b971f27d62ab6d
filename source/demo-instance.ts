import type { ListenFlags } from './commands/context.ts';
import type { Document } from './config/document.ts';
import { loadSettings, type Settings } from './config/settings.ts';
import type { Paths } from './config/paths.ts';
import { demoAccounts, demoKey } from './demo/accounts.ts';
import { startDemoWorker } from './demo/worker-client.ts';
import { createExecute } from './execute.ts';
import { refuseOpenBind } from './config/open-bind.ts';
import type { RunningInstance } from './instance.ts';
import { startProxyWorker, type ProxyWorker } from './proxy/worker-client.ts';
import { openInstanceKeys } from './key-handlers.ts';
import type { Clock } from './shared/clock.ts';
import type { Command } from './shared/commands.ts';
import { CcrError } from './shared/errors.ts';
import { Secret } from './shared/secret.ts';
import type { Execute } from './shared/session.ts';
import { asEpoch, type AccountId, type AccountRecord } from './shared/types.ts';
import { priceOf } from './store/prices.ts';
import { createStore, type Store } from './store/store.ts';
import { unlessAborted } from './unless-aborted.ts';

/** A demo has no place on disk: whatever would be written anyway would fail, and hit nobody. */
const nowhere: Paths = {
  home: '',
  config: '',
  configLock: '',
  vault: '',
  vaultKey: '',
  audit: '',
  history: '',
  receipts: '',
  keyLock: '',
  instanceLock: '',
  controlSocket: '',
  folders: [],
};

export type DemoOptions = {
  flags: ListenFlags;
  clock: Clock;
  /** Gives the start up. */
  signal?: AbortSignal;
  /** The simulated people do the same for the same number; the same every time by default. */
  seed?: number;
};

/**
 * The real proxy, store and commands on simulated accounts and traffic: no home, no lock, no keychain, no history, no
 * connection but to itself. Resolves when the proxy listens; what had started is ended again when a part fails.
 */
export const startDemo = async ({
  flags,
  clock,
  signal,
  seed = 3,
}: DemoOptions): Promise<RunningInstance> => {
  // Neither file nor environment: those are of the real one, which may be running.
  const settings = loadSettings({
    paths: nowhere,
    env: {},
    flags: { port: '0', ...flags, credentialStore: 'memory' },
  });
  refuseOpenBind(settings, clock.now());
  const store = createStore({ clock, price: priceOf, demo: true });
  store.log('info', notice);
  const stop = Promise.withResolvers<void>();
  // Whoever waits for the end of the program hears of it; before that nobody does.
  stop.promise.catch(() => {});
  const demo = startDemoWorker({ seed, onCrash: stop.reject });
  const worker = { config: settings.config, accounts: [], paths: nowhere };
  const proxy = startProxyWorker({ settings: worker, onEvents: store.apply, onCrash: stop.reject });
  const close = async (): Promise<void> => {
    await Promise.all([demo.terminate(), proxy.terminate()]);
  };
  try {
    const [bound, { url }] = await unlessAborted(Promise.all([proxy.listening, demo.listening]), signal);
    settings.config = { ...settings.config, host: bound.host, port: bound.port };
    settings.accounts = await giveAccounts(proxy, url, clock);
    await Promise.race([shown(store, settings.accounts.length), stop.promise]);
    demo.begin(bound.url);
    const onStop = stop.resolve;
    const execute = executeIn({ settings, clock, store, proxy, bound, onStop });
    return {
      bound,
      store,
      settings,
      stopAsked: stop.promise,
      run: (name, args, secret) => execute({ name, args } as Command, secret ?? null) as Promise<never>,
      drain(limitMs) {
        demo.finish();
        return proxy.drain(limitMs);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const notice = 'this is a demo: accounts, requests and figures are simulated';

/** The secrets first: an account without one would say that it cannot serve. */
const giveAccounts = async (proxy: ProxyWorker, baseUrl: string, clock: Clock): Promise<AccountRecord[]> => {
  const records = demoAccounts.map(({ name, kind, priority }): AccountRecord => ({
    id: `demo-${name}` as AccountId,
    name,
    kind,
    baseUrl,
    priority,
    weight: 1,
    paused: false,
    store: 'memory',
    createdAt: asEpoch(clock.now()),
  }));
  await Promise.all(records.map(({ id, name }) => proxy.putSecret(id, new Secret(demoKey(name)), 'memory')));
  proxy.setAccounts(records);
  return records;
};

/** So many accounts are in the state: a screen that opens before would show how to add the first one. */
const shown = (store: Store, count: number): Promise<void> =>
  new Promise((resolve) => {
    const unsubscribe = store.subscribe(() => {
      if (store.state().accounts.length < count) return;
      unsubscribe();
      resolve();
    });
  });

type ExecuteParts = Pick<
  Parameters<typeof createExecute>[0],
  'settings' | 'clock' | 'store' | 'proxy' | 'bound' | 'onStop'
>;

/** The commands of every instance, on records in memory; what would reach beyond the demo is refused. */
const executeIn = (parts: ExecuteParts): Execute => {
  const execute = createExecute({
    ...parts,
    document: recordsOf(parts.settings),
    reload: () => parts.settings,
    keys: openInstanceKeys({ ...parts, document: recordsOf(parts.settings), lockFile: null }),
    lastUse: () => null,
    history: { status: () => ({ ok: false, reason: 'a demo keeps none' }) },
    audit: { record: async () => undefined },
  });
  return async (command, secret) => {
    if (command.name === 'account.add') throw refusal('no account can be added to it');
    return execute(command, secret);
  };
};

const recordsOf = (settings: Settings): Document => {
  const refuse = (): Promise<never> => Promise.reject(refusal('its settings cannot be changed'));
  return {
    updateAccounts: async (change) => [...change(settings.accounts)],
    updateClientKeys: refuse,
    set: refuse,
    unset: refuse,
  };
};

const refusal = (what: string): CcrError =>
  new CcrError('failed', `this is a demo: ${what}`, { hint: 'leave it with q and start ccr-tui' });
