import type { ListenFlags } from './commands/context.ts';
import type { Document } from './config/document.ts';
import { settingValue } from './config/schema.ts';
import { loadSettings, type Settings } from './config/settings.ts';
import type { Paths } from './config/paths.ts';
import { giveDemoAccounts, giveToken, keepLogins, readUsage, demoSettings } from './demo-accounts.ts';
import { startDemoWorker } from './demo/worker-client.ts';
import { createExecute } from './execute.ts';
import { refuseOpenBind } from './config/open-bind.ts';
import type { RunningInstance } from './instance.ts';
import { startProxyWorker } from './proxy/worker-client.ts';
import { keepCosts } from './keep-costs.ts';
import { openInstanceKeys } from './key-handlers.ts';
import type { CaptureStatus } from './shared/capture.ts';
import type { Clock } from './shared/clock.ts';
import type { Command } from './shared/commands.ts';
import { CcrError } from './shared/errors.ts';
import type { Execute } from './shared/session.ts';
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
  journal: '',
  emergency: '',
  emergencyKey: '',
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
  const store = createStore({ clock, price: priceOf, demo: true, strategy: settings.config.strategy });
  store.log('info', notice);
  const stop = Promise.withResolvers<void>();
  // Whoever waits for the end of the program hears of it; before that nobody does.
  stop.promise.catch(() => {});
  const onSignIn = (name: string, renewals: number): void => void giveToken(proxy, name, renewals);
  const demo = startDemoWorker({ seed, onSignIn, onCrash: stop.reject });
  const worker = { config: settings.config, accounts: [], paths: nowhere };
  const proxy = startProxyWorker({ settings: worker, onEvents: store.apply, onCrash: stop.reject });
  const close = async (): Promise<void> => {
    await Promise.all([demo.terminate(), proxy.terminate()]);
  };
  try {
    const [bound, { url }] = await unlessAborted(Promise.all([proxy.listening, demo.listening]), signal);
    const { host, port } = bound;
    settings.config = { ...settings.config, host, port, ...demoSettings(url, settings) };
    proxy.setConfig(settings.config);
    settings.accounts = await giveDemoAccounts(proxy, url, clock.now());
    const cost = keepCosts({ price: priceOf, proxy });
    store.feed.onEvents((events) => cost(events.map(({ event }) => event)));
    await Promise.race([shown(store, settings.accounts.length), stop.promise]);
    readUsage(proxy, store, settings.accounts);
    const stopRenewing = keepLogins(proxy, settings.accounts, clock);
    demo.begin(bound.url);
    const onStop = stop.resolve;
    const execute = executeIn({ settings, clock, store, proxy, bound, onStop });
    return {
      bound,
      store,
      settings,
      stopAsked: stop.promise,
      capturing: Promise.resolve(noCapture),
      run: (name, args, secret) => execute({ name, args } as Command, secret ?? null) as Promise<never>,
      drain(limitMs) {
        demo.finish();
        return proxy.drain(limitMs);
      },
      close() {
        stopRenewing();
        return close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const noCapture: CaptureStatus = { mode: 'off', reason: null };

const notice = 'this is a demo: accounts, requests and figures are simulated';

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
  const { settings } = parts;
  const chosen: Partial<Settings['config']> = {};
  const document = recordsOf(settings, chosen);
  const execute = createExecute({
    ...parts,
    document,
    reload: () => ({ ...settings, config: { ...settings.config, ...chosen } }),
    keys: openInstanceKeys({ ...parts, document, lockFile: null }),
    lastUse: () => null,
    budgets: () => [],
    history: {
      status: () => ({ ok: false, reason: 'a demo keeps none' }),
      statistics: () => Promise.reject(refusal('it keeps no history')),
      heads: async () => ({ kind: 'none' }),
    },
    captures: { apply: async () => undefined, status: () => noCapture },
    audit: { record: async () => undefined, list: async () => [] },
  });
  return async (command, secret) => {
    const why = beyond[command.name];
    if (why !== undefined) throw refusal(why);
    return execute(command, secret);
  };
};

/** What is refused, and why: it would reach a real provider, or write what nothing of a demo may leave behind. */
const beyond: Partial<Readonly<Record<Command['name'], string>>> = {
  'account.add': 'no account can be added to it',
  'account.login': 'nobody can sign in to it',
  'account.refresh': 'its tokens are not renewed',
};

/** Of the settings only the strategy can be changed, and is nowhere kept but in `chosen`. */
const recordsOf = (settings: Settings, chosen: Partial<Settings['config']>): Document => {
  const refuse = (): Promise<never> => Promise.reject(refusal('its settings cannot be changed'));
  return {
    updateAccounts: async (change) => [...change(settings.accounts)],
    updateClientKeys: refuse,
    updateTogether: async (change) => change({ accounts: settings.accounts, clientKeys: [] }),
    set: async (key, value) => {
      if (key !== 'strategy') return refuse();
      Object.assign(chosen, { strategy: settingValue(key, value) });
      return { restart: false };
    },
    unset: refuse,
  };
};

const refusal = (what: string): CcrError =>
  new CcrError('failed', `this is a demo: ${what}`, { hint: 'leave it and start ccr-tui' });
