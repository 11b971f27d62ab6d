import { setImmediate } from 'node:timers/promises';
import type { Settings } from './config/settings.ts';
import { isProcessAlive, processBirth } from './control/process-identity.ts';
import type { KeyBook } from './credentials/key-book.ts';
import type { SpentPage, SpentSpan } from './history/spent.ts';
import { keySpending, type KeySpending } from './key-spending.ts';
import { dayMs, dayOf, hasBudget } from './proxy/key-limits.ts';
import { nameWithoutKey, type ClientKeyRecord } from './shared/client-key.ts';
import type { Clock } from './shared/clock.ts';
import type { LogLevel, ProxyEvent } from './shared/events.ts';
import { asEpoch, type EpochMs } from './shared/types.ts';
import { spentBy } from './store/budgets.ts';
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
  /** What the requests of that span came to, in steps; none began before and after one of the cuts. May throw. */
  spent(span: SpentSpan, cuts: readonly EpochMs[]): Iterable<SpentPage>;
  log(level: LogLevel, text: string): void;
};

const lookMs = 500;
/** How often the times of last use are written down. */
const noteMs = 10 * 60_000;

const isOver = ({ pid, birth }: NonNullable<ClientKeyRecord['process']>): boolean =>
  birth === null ? !isProcessAlive(pid) : birth === '' || processBirth(pid) !== birth;

/** Whose request it was that began then; null when no key that there is now came with it. */
const keyOf = ({ clientKeys }: Settings, client: string, begun: EpochMs): ClientKeyRecord | null => {
  if (client === nameWithoutKey) return null;
  const key = clientKeys.findLast(({ name }) => name === client);
  // A key of that name that there was before is another one.
  return key !== undefined && begun >= key.createdAt ? key : null;
};

/** What was spent today before this start: a restart gives nobody a second budget. In small steps, for a day can be long. */
const recount = async (
  { settings, spent }: KeepKeysOptions,
  spending: KeySpending,
  now: EpochMs,
): Promise<void> => {
  if (!settings.clientKeys.some(({ limits }) => hasBudget(limits))) return;
  const midnight = asEpoch(dayOf(now) * dayMs);
  const span = { from: midnight, before: asEpoch(now + 1) };
  const cuts = settings.clientKeys.map(({ createdAt }) => createdAt);
  for (const { begun, sums } of spent(span, cuts)) {
    for (const sum of sums) {
      const key = keyOf(settings, sum.client, begun);
      if (key !== null) spending.add(key, sum, midnight);
    }
    await setImmediate();
  }
};

/** Ends `run` keys with their processes, counts what keys with a daily budget spend, and remembers when keys were used. */
export const keepKeys = (options: KeepKeysOptions): KeptKeys => {
  const { keys, settings, clock, proxy, price, log } = options;
  const uses = new Map<string, EpochMs>();
  const spending = keySpending();
  const startedAt = clock.now();
  let notedAt = clock.monotonic();
  let busy: Promise<void> = Promise.resolve();

  const attempt = (work: () => Promise<void>): void => {
    busy = busy.then(work).catch((error: unknown) => {
      log(
        'warning',
        `the client keys were not kept up to date: ${error instanceof Error ? error.message : 'unknown'}`,
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
  // Told whatever came of it, and when there was nothing to count: keys with a budget wait for it.
  attempt(() => recount(options, spending, startedAt).finally(() => proxy.setSpending(spending.all())));
  const timer = setInterval(look, lookMs);
  timer.unref();

  return {
    apply(events) {
      let spent = false;
      for (const event of events) {
        if (event.type !== 'requestFinished') continue;
        const { request } = event;
        const key = keyOf(settings, request.client, request.at);
        if (key === null) continue;
        // One that took long may end after a newer one.
        uses.set(key.id, asEpoch(Math.max(request.at, uses.get(key.id) ?? 0, key.lastUsedAt ?? 0)));
        spent = spending.add(key, spentBy(request, price), event.at) || spent;
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
