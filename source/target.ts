import type { ListenFlags } from './commands/context.ts';
import { reachInstance, untilStarted } from './commands/reach-instance.ts';
import { asksElsewhere } from './commands/serve.ts';
import type { Paths } from './config/paths.ts';
import type { ControlClient } from './control/client.ts';
import { openLink, type LinkState } from './control/link.ts';
import { forwardStops } from './end-instance.ts';
import { startInstance, type RunningInstance } from './instance.ts';
import { systemClock } from './shared/clock.ts';
import type { Environment } from './shared/environment.ts';
import { CcrError } from './shared/errors.ts';
import type { NumberedEvent } from './shared/events.ts';
import type { EventFeed } from './shared/session.ts';
import type { StopWishes } from './shutdown.ts';
import { startingSession } from './starting-session.ts';
import { createMirror } from './store/mirror.ts';
import { createSession, type Session } from './store/session.ts';
import { unlessAborted } from './unless-aborted.ts';
import { localWay, type Way } from './way.ts';

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
  /** Tells of a connection that is lost and made again; null without one. One listener. */
  onLink: ((listener: (state: LinkState) => void) => void) | null;
  close(): Promise<void>;
};

type Home = { paths: Paths; flags: ListenFlags; wishes: StopWishes };

/** The instance that runs in this home, or is starting; null when there is none. Given up with the first wish to stop. */
const openRunning = async ({ paths, flags, wishes }: Home): Promise<Target | null> => {
  const reached = untilStarted(paths).then(() => reachInstance(paths));
  const running = await unlessAborted(reached, wishes.first);
  if (running === null) return null;
  if (asksElsewhere(flags, running.welcome.url)) {
    running.close();
    throw new CcrError(
      'already_running',
      `already running at ${running.welcome.url}, not at the given address`,
      {
        hint: 'leave out --port and --host to attach to it, or end it with ccr-tui stop',
      },
    );
  }
  return attachedTarget(localWay(paths), running, wishes);
};

/**
 * The instance that runs in this home, or one of its own. Given up with the first wish to stop. `onStarting` is given what
 * there is to look at while one of its own starts.
 */
export const openTarget = async (
  paths: Paths,
  env: Environment,
  flags: ListenFlags,
  wishes: StopWishes,
  onStarting: (session: Session) => void = () => {},
): Promise<Target> => {
  const home = { paths, flags, wishes };
  const running = await openRunning(home);
  if (running !== null) return running;
  const signal = wishes.first;
  const clock = systemClock;
  const started = startInstance({
    paths,
    env,
    flags,
    clock,
    signal,
    onStarting: (starting) => onStarting(startingSession({ ...starting, clock, instance: started })),
  });
  try {
    return ownTarget(await started, paths.home, wishes);
  } catch (error) {
    // Two terminals are opened at the same moment, and the other one was first.
    const isLate = error instanceof CcrError && error.code === 'already_running' && !signal.aborted;
    const first = isLate ? await openRunning(home) : null;
    if (first === null) throw error;
    return first;
  }
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
    onLink: null,
    close: () => instance.close(),
  };
};

/** A screen's target at the end of that way. A CcrError: `no_instance` when nothing runs there. */
export const openAttached = async (way: Way, wishes: StopWishes): Promise<Target> =>
  attachedTarget(way, await way.dial(false, wishes.first), wishes);

const lossOf = ({ name, home }: Way, { code, message, hint }: CcrError): CcrError => {
  if (home !== null && code === 'no_instance') {
    return new CcrError('failed', `the connection to ${name} was lost`, {
      hint: 'it did not stop in order; start it again with ccr-tui',
    });
  }
  return new CcrError(
    'failed',
    `the connection to ${name} was lost: ${message}`,
    hint === null ? {} : { hint },
  );
};

/** The same over a connection that is there already. */
const attachedTarget = async (way: Way, control: ControlClient, wishes: StopWishes): Promise<Target> => {
  const mirror = createMirror({ clock: systemClock });
  const listeners = new Set<(events: readonly NumberedEvent[]) => void>();
  let tellState: (state: LinkState) => void = () => undefined;
  const link = await openLink({
    first: control,
    dial: () => way.dial(true, wishes.first),
    lastSeq: mirror.lastSeq,
    onSnapshot: mirror.load,
    onEvents(events) {
      mirror.apply(events);
      for (const listener of listeners) listener(events);
    },
    onState: (state) => tellState(state),
  });
  void link.over.then((end) =>
    wishes.push(
      end.kind === 'stopped' ? { kind: 'gone' } : { kind: 'broken', error: lossOf(way, end.error) },
    ),
  );
  const { url, pid, readOnly } = control.welcome;
  return {
    url,
    home: way.home,
    pid,
    own: null,
    session: {
      ...createSession(mirror, link),
      ...(readOnly ? { readOnly } : {}),
      ...(way.home === null ? { host: way.name } : {}),
    },
    feed: feedOf((listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    }),
    onLink: (listener) => {
      tellState = listener;
    },
    close: async () => link.close(),
  };
};

type OnEvents = (listener: (events: readonly NumberedEvent[]) => void) => () => void;

const feedOf = (onEvents: OnEvents): EventFeed => ({
  subscribe: (listener) => onEvents((events) => events.forEach((event) => listener(event))),
});
