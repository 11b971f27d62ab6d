import { environmentWarnings } from './config/environment-warnings.ts';
import { bindWarnings } from './config/open-bind.ts';
import { resolvePaths, type Paths } from './config/paths.ts';
import type { ScreenOptions, ServeOptions } from './commands/context.ts';
import { startInstance, type RunningInstance } from './instance.ts';
import { collectStopWishes, drainOrCut, exitCodeOf, type StopReason, type StopWishes } from './shutdown.ts';
import { createScreenOpener, type ScreenOpener } from './screen-opener.ts';
import { systemClock } from './shared/clock.ts';
import { errorFromShape, errorShape } from './shared/errors.ts';
import { safeJson, sanitize } from './shared/sanitize.ts';
import { priceOf } from './store/prices.ts';
import type { Session } from './store/session.ts';
import { forwardStops, openAttached, openDemo, openTarget, type Target } from './target.ts';
import { terminalTraits } from './ui/terminal-traits.ts';
import { packageVersion } from './version.ts';
import { localWay, sshWay } from './way.ts';

// The only place where the parts meet: settings → threads → state → control → screen or lines → an orderly end.

/** `ccr-tui serve`: the proxy in the foreground. Resolves with the exit code. */
export const serve = async (options: ServeOptions): Promise<number> => {
  const { env, flags, json, stdout, stderr } = options;
  const paths = resolvePaths(env);
  const wishes = collectStopWishes(process);
  const instance = await unlessStopped(
    startInstance({ paths, env, flags, clock: systemClock, signal: wishes.first }),
    wishes,
  );
  if (instance === null) return endBeforeStart(options, wishes, false);
  for (const text of bindWarnings(instance.settings, systemClock.now())) {
    stderr.write(`ccr-tui: warning: ${text}\n`);
  }
  forwardStops(instance, wishes);
  for (const text of environmentWarnings(env)) stderr.write(`ccr-tui: warning: ${text}\n`);
  stdout.write(
    json ? `${safeJson(listeningLine(instance, paths))}\n` : `listening on ${instance.bound.url}\n`,
  );
  const reason = await wishes.next();
  const cut = await drain(instance, wishes);
  await instance.close();
  wishes.close();
  reportEnd(reason, stderr);
  return exitCodeOf(reason, cut, false);
};

/** `ccr-tui`: the screen where there is a terminal, else lines; on a proxy of its own or on the one that runs. */
export const screen = async (options: ScreenOptions): Promise<number> => {
  const { env, plain, json, stdin, stdout } = options;
  const wishes = collectStopWishes(process);
  const traits = terminalTraits(env, { ascii: options.ascii, noColor: !options.color, plain });
  const terminal = stdin.isTTY && stdout.isTTY && !traits.plain && !json;
  const opener = terminal ? createScreenOpener(options, traits, wishes) : null;
  // The screen is opened while the proxy's thread starts, but not before: that one takes longer (measured).
  const onStarting = (session: Session): void => {
    // Whoever opens it again, when the target is there, hears of a failure.
    opener?.open({ session, holdsProxy: true }).catch(() => {});
  };
  const target = await unlessStopped(open(options, wishes, onStarting), wishes).catch(
    async (error: unknown) => {
      // Whatever is said of it belongs on the normal screen.
      await opener?.close();
      throw error;
    },
  );
  if (target === null) {
    await opener?.close();
    return endBeforeStart(options, wishes, terminal);
  }
  try {
    return opener
      ? await showScreen(options, opener, target, wishes)
      : await showLines(options, target, wishes);
  } finally {
    await target.close();
    wishes.close();
  }
};

const open = (
  options: ScreenOptions,
  wishes: StopWishes,
  onStarting: (session: Session) => void,
): Promise<Target> => {
  const { env, flags, attach, stderr } = options;
  if (options.demo) return openDemo(flags, wishes);
  const paths = resolvePaths(env);
  if (attach === undefined) return openTarget(paths, env, flags, wishes, onStarting);
  const { target, readOnly } = attach;
  return openAttached(target ? sshWay({ target, readOnly, env, stderr }) : localWay(paths, readOnly), wishes);
};

/** What has started; null when somebody wanted the program to end before that, which makes the start fail. */
const unlessStopped = <Started,>(start: Promise<Started>, wishes: StopWishes): Promise<Started | null> =>
  start.catch((error: unknown) => {
    if (wishes.first.aborted) return null;
    throw error;
  });

const endBeforeStart = async (
  { stderr }: ServeOptions,
  wishes: StopWishes,
  onScreen: boolean,
): Promise<number> => {
  const reason = await wishes.next();
  reportEnd(reason, stderr);
  return exitCodeOf(reason, 0, onScreen);
};

const drain = (
  instance: RunningInstance,
  wishes: StopWishes,
  onTick?: (inFlight: number, leftMs: number) => void,
): Promise<number> =>
  drainOrCut({
    wishes,
    drain: (limitMs) => instance.drain(limitMs),
    inFlight: () => instance.store.state().inFlight,
    limitMs: instance.settings.config.drainMs,
    subscribe: instance.store.subscribe,
    clock: systemClock,
    ...(onTick ? { onTick } : {}),
  });

const showScreen = async (
  { stderr }: ScreenOptions,
  opener: ScreenOpener,
  target: Target,
  wishes: StopWishes,
): Promise<number> => {
  const handle = await opener.open({ session: target.session, holdsProxy: target.own !== null });
  target.onLink?.((state) => handle.setNotice(state.kind === 'up' ? null : lossOf(state)));
  const reason = await wishes.next();
  // A key stays on the screen while requests finish; for anything else the terminal goes back first.
  if (reason.kind !== 'key') await opener.close();
  const onTick = (inFlight: number, leftMs: number): void => {
    if (inFlight > 0) handle.setNotice(`draining ${inFlight}, ${Math.ceil(leftMs / 1000)} s; again = now`);
  };
  const cut = target.own ? await drain(target.own, wishes, onTick) : 0;
  await opener.close();
  reportEnd(reason, stderr);
  return exitCodeOf(reason, cut, true);
};

const lossOf = ({ why }: { why: string }): string => `connection lost, trying again: ${sanitize(why, 300)}`;

const showLines = async (
  { stdout, stderr, json, demo: simulated }: ScreenOptions,
  target: Target,
  wishes: StopWishes,
): Promise<number> => {
  const { plainOutput } = await import('./ui/plain.ts');
  const output = plainOutput({
    feed: target.feed,
    log: () => target.session.state().log,
    price: priceOf,
    out: stdout,
    json,
  });
  target.onLink?.((state) => {
    stderr.write(`ccr-tui: ${state.kind === 'up' ? 'the connection is there again' : lossOf(state)}\n`);
  });
  void output.gone.then(() => wishes.push({ kind: 'asked' }));
  const { url, home, pid } = target;
  const demo = simulated ? { demo: true as const } : {};
  output.listening({ url, home, pid, version: packageVersion(), ...demo });
  const reason = await wishes.next();
  const cut = target.own ? await drain(target.own, wishes) : 0;
  output.stopped({ cut });
  reportEnd(reason, stderr);
  return exitCodeOf(reason, cut, false);
};

const listeningLine = ({ bound }: RunningInstance, { home }: Paths): Record<string, unknown> => ({
  event: 'listening',
  url: bound.url,
  home,
  pid: process.pid,
  version: packageVersion(),
});

/** Says why it ends where nobody asked for it. */
const reportEnd = (reason: StopReason, stderr: NodeJS.WriteStream): void => {
  if (reason.kind === 'gone') stderr.write('ccr-tui: the instance has stopped\n');
  if (reason.kind !== 'broken') return;
  for (const line of errorFromShape(errorShape(reason.error)).lines) {
    stderr.write(`ccr-tui: ${sanitize(line, 1000)}\n`);
  }
};
