import type { Environment, ListenFlags } from './commands/context.ts';
import { reachInstance } from './commands/reach-instance.ts';
import { asksElsewhere } from './commands/serve.ts';
import type { Paths } from './config/paths.ts';
import type { ControlClient } from './control/client.ts';
import { startInstance, type RunningInstance } from './instance.ts';
import { systemClock } from './shared/clock.ts';
import { CcrError } from './shared/errors.ts';
import type { NumberedEvent } from './shared/events.ts';
import type { EventFeed } from './shared/session.ts';
import type { StopWishes } from './shutdown.ts';
import { createMirror } from './store/mirror.ts';
import { priceOf } from './store/prices.ts';
import { createSession, type Session } from './store/session.ts';
import { unlessAborted } from './unless-aborted.ts';

/** What a screen or plain output runs on. */
export type Target = {
  url: string;
  session: Session;
  feed: EventFeed;
  /** null for a demo, which has none. */
  home: string | null;
  pid: number;
  /** null when attached to an instance of another process: leaving ends nothing there. */
  own: RunningInstance | null;
  close(): Promise<void>;
};

/** The instance that runs in this home, or one of its own. Given up with the first wish to stop. */
export const openTarget = async (
  paths: Paths,
  env: Environment,
  flags: ListenFlags,
  wishes: StopWishes,
): Promise<Target> => {
  const running = await unlessAborted(reachInstance(paths), wishes.first);
  if (running && asksElsewhere(flags, running.welcome.url)) {
    running.close();
    throw new CcrError(
      'already_running',
      `already running at ${running.welcome.url}, not at the given address`,
      {
        hint: 'leave out --port and --host to attach to it, or end it with ccr-tui stop',
      },
    );
  }
  if (running) return attachedTarget(running, paths.home, wishes);
  const instance = await startInstance({ paths, env, flags, clock: systemClock, signal: wishes.first });
  return ownTarget(instance, paths.home, wishes);
};

/** A demo. Whatever runs in this home goes on beside it. */
export const openDemo = async (flags: ListenFlags, wishes: StopWishes): Promise<Target> => {
  const { startDemo } = await import('./demo-instance.ts');
  return ownTarget(await startDemo({ flags, clock: systemClock, signal: wishes.first }), null, wishes);
};

const ownTarget = (instance: RunningInstance, home: string | null, wishes: StopWishes): Target => {
  forwardStops(instance, wishes);
  return {
    url: instance.bound.url,
    home,
    session: createSession(instance.store, instance),
    feed: feedOf(instance.store.feed.onEvents),
    pid: process.pid,
    own: instance,
    close: () => instance.close(),
  };
};

const attachedTarget = async (control: ControlClient, home: string, wishes: StopWishes): Promise<Target> => {
  const mirror = createMirror({ clock: systemClock, price: priceOf });
  const listeners = new Set<(events: readonly NumberedEvent[]) => void>();
  await control.subscribe({
    after: null,
    onSnapshot: (snapshot) => mirror.load(snapshot),
    onEvents(events) {
      mirror.apply(events);
      for (const listener of listeners) listener(events);
    },
  });
  void control.closed.then((ending) => {
    const hint = 'it did not stop in order; start it again with ccr-tui';
    const error = new CcrError('failed', 'the connection to the running instance was lost', { hint });
    wishes.push(ending === 'stopped' ? { kind: 'gone' } : { kind: 'broken', error });
  });
  return {
    url: control.welcome.url,
    home,
    pid: control.welcome.pid,
    own: null,
    session: createSession(mirror, control),
    feed: feedOf((listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    }),
    close: async () => control.close(),
  };
};

type OnEvents = (listener: (events: readonly NumberedEvent[]) => void) => () => void;

const feedOf = (onEvents: OnEvents): EventFeed => ({
  subscribe: (listener) => onEvents((events) => events.forEach((event) => listener(event))),
});

/** Makes wishes of what others ask of the instance, and of its end. */
export const forwardStops = (instance: RunningInstance, wishes: StopWishes): void => {
  instance.stopAsked.then(
    () => wishes.push({ kind: 'asked' }),
    (error: unknown) => wishes.push({ kind: 'broken', error }),
  );
};
