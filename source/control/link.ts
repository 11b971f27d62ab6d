import { setTimeout as sleep } from 'node:timers/promises';
import { asCcrError, CcrError } from '../shared/errors.ts';
import type { NumberedEvent } from '../shared/events.ts';
import type { Commander } from '../shared/session.ts';
import type { ControlClient } from './client.ts';

export type LinkState = { kind: 'up' } | { kind: 'down'; why: string };

/** The instance stopped in order, or there is no sense in trying again. */
export type LinkEnd = { kind: 'stopped' } | { kind: 'lost'; error: CcrError };

/** A connection to an instance that is made again when it is lost. */
export type Link = Commander & {
  /** Resolves when it is over for good; never after `close`. */
  over: Promise<LinkEnd>;
  close(): void;
};

export type LinkOptions = {
  first: ControlClient;
  /** Makes the connection again, to the same place. */
  dial(): Promise<ControlClient>;
  /** Number of the last event that is known; null when there is none. */
  lastSeq(): number | null;
  /** False when it is no state of this version. */
  onSnapshot(snapshot: { seq: number; state: unknown }): boolean;
  onEvents(events: readonly NumberedEvent[]): void;
  onState?(state: LinkState): void;
  times?: Partial<LinkTimes>;
};

export type LinkTimes = {
  /** Before the first new try; doubled for each further one, up to `mostMs`. */
  retryMs: number;
  mostMs: number;
  /** How long nobody may be there before it is given up: time for an instance to start again. */
  absentMs: number;
  /** How often to ask a silent instance whether it is still there. */
  beatMs: number;
};

const usual: LinkTimes = { retryMs: 100, mostMs: 30_000, absentMs: 3000, beatMs: 15_000 };

/** How long to wait before a new try, the first one being 0. `random` (0..1) keeps many screens from trying at once. */
export const retryDelayMs = (
  attempt: number,
  { retryMs, mostMs }: Pick<LinkTimes, 'retryMs' | 'mostMs'>,
  random: number,
): number => Math.min(mostMs, retryMs * 2 ** Math.min(attempt, 30)) * (0.8 + 0.4 * random);

/** Whether another try could end better: `absent` is how long nobody had been there when this one began, in ms. */
const isWorthATry = ({ code }: CcrError, absent: number, absentMs: number): boolean =>
  code === 'control_refused' || (code === 'no_instance' && absent < absentMs);

/** Asks now and then, and closes a connection over which nothing comes back; the returned function ends it. */
const watch = (client: ControlClient, beatMs: number): (() => void) => {
  const asked = (): Promise<boolean> =>
    client.run('status', {}).then(
      () => true,
      () => false,
    );
  // Twice, because a suspended process finds its time limit passed and the answer waiting behind it.
  const beat = async (): Promise<void> => {
    if (!(await asked()) && !(await asked())) client.close();
  };
  const timer = setInterval(() => void beat(), beatMs);
  return () => clearInterval(timer);
};

/** Subscribes behind the last known event. A connection that cannot is closed. */
const join = async (client: ControlClient, options: LinkOptions): Promise<ControlClient> => {
  const { lastSeq, onSnapshot, onEvents } = options;
  try {
    await client.subscribe({
      after: lastSeq(),
      onEvents,
      onSnapshot(snapshot) {
        if (onSnapshot(snapshot)) return;
        throw new CcrError('failed', `the running instance is another version (${client.welcome.version})`, {
          hint: 'bring both to the same one',
        });
      },
    });
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
};

/** A new connection, or why there will be none. */
const rejoin = async (
  options: LinkOptions,
  times: LinkTimes,
  closing: AbortSignal,
): Promise<ControlClient | CcrError> => {
  const since = performance.now();
  for (let attempt = 0; ; attempt += 1) {
    let absent = 0;
    try {
      await sleep(retryDelayMs(attempt, times, Math.random()), undefined, { signal: closing });
      // At its beginning: how long ssh and a busy machine take for it says nothing of the instance.
      absent = performance.now() - since;
      return await join(await options.dial(), options);
    } catch (thrown) {
      const error = asCcrError(thrown);
      if (closing.aborted || !isWorthATry(error, absent, times.absentMs)) return error;
      options.onState?.({ kind: 'down', why: error.message });
    }
  }
};

/**
 * Subscribes over the first connection, and over a new one behind the last known event whenever one is lost. Rejects
 * when the first subscription does not come about. While it is lost, `run` rejects with `no_instance`.
 */
export const openLink = async (options: LinkOptions): Promise<Link> => {
  const { onState = () => undefined } = options;
  const times = { ...usual, ...options.times };
  const over = Promise.withResolvers<LinkEnd>();
  const closing = new AbortController();
  const { signal } = closing;
  let client: ControlClient | null = await join(options.first, options);

  /** How one connection after the other ends, until the last one; null when it was closed here. */
  const follow = async (joined: ControlClient): Promise<LinkEnd | null> => {
    for (let current = joined; ;) {
      const unwatch = watch(current, times.beatMs);
      const ending = await current.closed;
      unwatch();
      client = null;
      if (signal.aborted) return null;
      if (ending === 'stopped') return { kind: 'stopped' };
      onState({ kind: 'down', why: 'it has ended' });
      const next = await rejoin(options, times, signal);
      if (next instanceof CcrError) return signal.aborted ? null : { kind: 'lost', error: next };
      if (signal.aborted) next.close();
      client = current = next;
      onState({ kind: 'up' });
    }
  };

  void follow(client).then((end) => end && over.resolve(end));
  return {
    over: over.promise,
    async run(name, args, secret) {
      if (client !== null) return client.run(name, args, secret);
      secret?.fill(0);
      throw new CcrError('no_instance', 'the connection is lost', { hint: 'it is being made again' });
    },
    close() {
      closing.abort();
      client?.close();
    },
  };
};
