import type { Settings } from './config/settings.ts';
import { isProcessAlive, processBirth } from './control/process-identity.ts';
import type { KeyBook } from './credentials/key-book.ts';
import { keySpending } from './key-spending.ts';
import type { ClientKeyRecord } from './shared/client-key.ts';
import type { Clock } from './shared/clock.ts';
import type { LogLevel, ProxyEvent } from './shared/events.ts';
import type { EpochMs } from './shared/types.ts';
import type { Price } from './store/prices.ts';
import type { SupervisedProxy } from './supervise-proxy.ts';

/** What an instance does about its keys while it runs. */
export type KeptKeys = {
  /** Takes in what happened: who used a key, and what that cost. */
  apply(events: readonly ProxyEvent[]): void;
  /** When the key was used last in this instance; null = not yet. */
  lastUse(id: string): EpochMs | null;
  /** Writes down what is only in memory, and stops watching. Never rejects. */
  close(): Promise<void>;
};

export type KeepKeysOptions = {
  keys: Pick<KeyBook, 'endRuns' | 'noteUses'>;
  settings: Settings;
  clock: Clock;
  proxy: Pick<SupervisedProxy, 'setSpending'>;
  price: Price;
  log(level: LogLevel, text: string): void;
};

const lookMs = 500;
/** How often the times of last use are written down. */
const noteMs = 10 * 60_000;

const isOver = ({ pid, birth }: NonNullable<ClientKeyRecord['process']>): boolean =>
  birth === null ? !isProcessAlive(pid) : birth === '' || processBirth(pid) !== birth;

/** Ends `run` keys with their processes, counts what keys with a daily budget spend, and remembers when keys were used. */
export const keepKeys = (options: KeepKeysOptions): KeptKeys => {
  const { keys, settings, clock, proxy, price, log } = options;
  const uses = new Map<string, EpochMs>();
  const spending = keySpending(price);
  let notedAt = clock.monotonic();
  let busy: Promise<void> = Promise.resolve();

  const attempt = (work: () => Promise<void>): void => {
    busy = busy.then(work).catch((error: unknown) => {
      log(
        'warning',
        `the client keys were not written: ${error instanceof Error ? error.message : 'unknown'}`,
      );
    });
  };
  const note = (): void => {
    notedAt = clock.monotonic();
    const noted = new Map(uses);
    attempt(() => keys.noteUses(noted));
    uses.clear();
  };
  const look = (): void => {
    if (settings.clientKeys.some(({ process }) => process !== null && isOver(process))) {
      attempt(() => keys.endRuns(isOver));
    }
    if (uses.size > 0 && clock.monotonic() - notedAt > noteMs) note();
  };
  const timer = setInterval(look, lookMs);
  timer.unref();

  return {
    apply(events) {
      let spent = false;
      for (const event of events) {
        if (event.type !== 'requestFinished' || event.request.client === 'default') continue;
        const { request } = event;
        const key = settings.clientKeys.findLast(({ name }) => name === request.client);
        if (key === undefined || request.at < key.createdAt) continue;
        uses.set(key.id, request.at);
        spent = spending.add(key, request, event.at) || spent;
      }
      if (spent) proxy.setSpending(spending.all());
    },
    lastUse: (id) => uses.get(id) ?? null,
    async close() {
      clearInterval(timer);
      if (uses.size > 0) note();
      await busy;
    },
  };
};
