import { followRequests, type RequestsUnderWay } from './cut-requests.ts';
import type { Bound } from './proxy/listen.ts';
import type { WorkerSettings } from './proxy/messages.ts';
import { startProxyWorker, type ProxyWorker, type ProxyWorkerOptions } from './proxy/worker-client.ts';
import type { AccountCost } from './shared/account-cost.ts';
import type { Clock } from './shared/clock.ts';
import type { PassedCapture } from './shared/capture.ts';
import { CcrError } from './shared/errors.ts';
import type { ProxyEvent } from './shared/events.ts';
import type { EpochMs } from './shared/types.ts';

/** The data plane, started again when its thread dies. */
export type SupervisedProxy = Omit<ProxyWorker, 'listening'> & {
  /** Who takes what is captured from now on; see `ProxyWorkerOptions`. */
  takeCaptures(take: (capture: PassedCapture) => void): void;
  /** Of the first start. */
  listening: Promise<Bound>;
};

export type SuperviseOptions = {
  settings: WorkerSettings;
  clock: Clock;
  onEvents(events: readonly ProxyEvent[]): void;
  /** See `ProxyWorkerOptions`. */
  onProfile?: ProxyWorkerOptions['onProfile'];
  /** The thread died too often; nothing serves any more. */
  onGivingUp(error: Error): void;
};

/** Deaths of the thread, and how long to wait after each before it is started again. */
type Deaths = {
  /** Milliseconds to wait; null when starting again has proved to be no help. */
  next(monotonicMs: number): number | null;
};

const longestPauseMs = 10_000;
const quietMs = 60_000;
/** So many deaths without a quiet minute between them are enough. */
const deathLimit = 5;

export const countDeaths = (): Deaths => {
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  return {
    next(now) {
      count = now - last > quietMs ? 1 : count + 1;
      last = now;
      return count > deathLimit ? null : Math.min(longestPauseMs, 50 * 2 ** count);
    },
  };
};

const deathEvents = (error: Error, at: EpochMs, requests: RequestsUnderWay): ProxyEvent[] => [
  {
    type: 'logged',
    at,
    level: 'error',
    text: `the proxy thread died (${error.message}) and cut its requests; starting it again`,
  },
  ...requests.cut(at),
  { type: 'proxyDied', at, reason: error.message },
];

const givenUp = (cause: Error): CcrError =>
  new CcrError('failed', `the proxy thread died ${deathLimit + 1} times in a row (${cause.message})`, {
    hint: 'nothing serves any more; start it again',
    cause,
  });

/** What the next thread would be started with, and what it would be told at once. */
type Remembered = WorkerSettings & { costs: readonly AccountCost[] };

/** Every change goes to the thread of now, and is remembered for the next one. */
const passOn = (
  settings: Remembered,
  worker: () => ProxyWorker,
): Omit<ProxyWorker, 'listening' | 'drain' | 'terminate'> => {
  const kept =
    <Key extends keyof Remembered, Value extends Remembered[Key]>(
      key: Key,
      tell: (to: ProxyWorker, value: Value) => void,
    ) =>
    (value: Value): void => {
      settings[key] = value;
      tell(worker(), value);
    };
  return {
    setAccounts: kept('accounts', (to, accounts) => to.setAccounts(accounts)),
    setConfig: kept('config', (to, config) => to.setConfig(config)),
    setClientKeys: kept('clientKeys', (to, keys) => to.setClientKeys(keys)),
    setSpending: kept('spending', (to, spending) => to.setSpending(spending)),
    setBudgets: kept('budgets', (to, spent) => to.setBudgets(spent)),
    setCapture: kept('capture', (to, rules) => to.setCapture(rules)),
    setCosts: kept('costs', (to, costs) => to.setCosts(costs)),
    captureKey: (decided) => worker().captureKey(decided),
    capturesTaken: (count) => worker().capturesTaken(count),
    endHold: (request, how) => worker().endHold(request, how),
    hashKey: (key, place) => worker().hashKey(key, place),
    putSecret: (account, secret, decided) => worker().putSecret(account, secret, decided),
    removeSecret: (account, store) => worker().removeSecret(account, store),
    named: {
      set: (name, secret, decided) => worker().named.set(name, secret, decided),
      list: (store) => worker().named.list(store),
      delete: (name, store) => worker().named.delete(name, store),
    },
    replaceLogin: (record, login) => worker().replaceLogin(record, login),
    resetAccount: (account) => worker().resetAccount(account),
    refreshToken: (account) => worker().refreshToken(account),
    readUsage: (account) => worker().readUsage(account),
    testAccount: (account) => worker().testAccount(account),
    runStore: (operation, secret) => worker().runStore(operation, secret),
  };
};

/** Starts the worker. A thread that dies cuts its requests; the next one listens on the same port. */
export const superviseProxy = (options: SuperviseOptions): SupervisedProxy => {
  const { clock, onEvents, onProfile = () => undefined, onGivingUp } = options;
  const settings: Remembered = { ...options.settings, costs: [] };
  const deaths = countDeaths();
  let ended = false;
  let takeCapture: ((capture: PassedCapture) => void) | null = null;
  const onCapture = (capture: PassedCapture): void => takeCapture?.(capture);

  const requests = followRequests((id) => settings.accounts.find((each) => each.id === id)?.kind ?? null);
  const told = (events: readonly ProxyEvent[]): void => onEvents(requests.follow(events));

  const launch = (): ProxyWorker =>
    startProxyWorker({ settings, onEvents: told, onProfile, onCapture, onCrash: died });

  const died = (error: Error): void => {
    // A start that failed is reported by `listening`, not repaired.
    if (ended || settings.config.port === 0) return;
    const pause = deaths.next(clock.monotonic());
    onEvents(deathEvents(error, clock.now(), requests));
    if (pause === null) onGivingUp(givenUp(error));
    else setTimeout(restart, pause);
  };

  const restart = (): void => {
    if (ended) return;
    worker = launch();
    worker.setCosts(settings.costs);
    // A port that somebody took meanwhile; a thread that dies again tells by itself.
    worker.listening.catch((error: Error) => {
      if (!(error instanceof CcrError)) return;
      void worker.terminate();
      died(error);
    });
  };

  let worker = launch();
  const listening = worker.listening.then((bound) => {
    settings.config = { ...settings.config, host: bound.host, port: bound.port };
    return bound;
  });

  return {
    listening,
    takeCaptures(take) {
      takeCapture = take;
    },
    ...passOn(settings, () => worker),
    drain(limitMs) {
      ended = true;
      return worker.drain(limitMs);
    },
    terminate() {
      ended = true;
      return worker.terminate();
    },
  };
};
