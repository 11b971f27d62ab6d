import type { Bound } from './proxy/listen.ts';
import type { WorkerSettings } from './proxy/messages.ts';
import { startProxyWorker, type ProxyWorker } from './proxy/worker-client.ts';
import type { Clock } from './shared/clock.ts';
import { CcrError } from './shared/errors.ts';
import type { ProxyEvent } from './shared/events.ts';
import type { EpochMs } from './shared/types.ts';

/** The data plane, started again when its thread dies. */
export type SupervisedProxy = Omit<ProxyWorker, 'listening'> & {
  /** Of the first start. */
  listening: Promise<Bound>;
};

export type SuperviseOptions = {
  settings: WorkerSettings;
  clock: Clock;
  onEvents(events: readonly ProxyEvent[]): void;
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

const deathEvents = (error: Error, at: EpochMs): ProxyEvent[] => [
  {
    type: 'logged',
    at,
    level: 'error',
    text: `the proxy thread died (${error.message}) and cut its requests; starting it again`,
  },
  // Tells the state that requests which were under way have no end.
  { type: 'dropped', at, count: 1 },
];

const givenUp = (cause: Error): CcrError =>
  new CcrError('failed', `the proxy thread died ${deathLimit + 1} times in a row (${cause.message})`, {
    hint: 'nothing serves any more; start it again',
    cause,
  });

/** Every change goes to the thread of now, and is remembered for the next one. */
const passOn = (
  /** What the next thread would be started with. */
  settings: WorkerSettings,
  worker: () => ProxyWorker,
): Omit<ProxyWorker, 'listening' | 'drain' | 'terminate'> => ({
  setAccounts(accounts) {
    settings.accounts = accounts;
    worker().setAccounts(accounts);
  },
  setConfig(config) {
    settings.config = config;
    worker().setConfig(config);
  },
  setClientKeys(keys) {
    settings.clientKeys = keys;
    worker().setClientKeys(keys);
  },
  setSpending(spending) {
    settings.spending = spending;
    worker().setSpending(spending);
  },
  hashKey: (key, place) => worker().hashKey(key, place),
  putSecret: (account, secret, decided) => worker().putSecret(account, secret, decided),
  removeSecret: (account, store) => worker().removeSecret(account, store),
});

/** Starts the worker. A thread that dies cuts its requests; the next one listens on the same port. */
export const superviseProxy = (options: SuperviseOptions): SupervisedProxy => {
  const { clock, onEvents, onGivingUp } = options;
  const settings = { ...options.settings };
  const deaths = countDeaths();
  let ended = false;

  const launch = (): ProxyWorker => startProxyWorker({ settings, onEvents, onCrash: died });

  const died = (error: Error): void => {
    // A start that failed is reported by `listening`, not repaired.
    if (ended || settings.config.port === 0) return;
    const pause = deaths.next(clock.monotonic());
    onEvents(deathEvents(error, clock.now()));
    if (pause === null) onGivingUp(givenUp(error));
    else setTimeout(restart, pause);
  };

  const restart = (): void => {
    if (ended) return;
    worker = launch();
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
