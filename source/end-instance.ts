import type { ServeOptions } from './commands/context.ts';
import type { RunningInstance } from './instance.ts';
import { drainOrCut, exitCodeOf, type DrainOptions, type StopReason, type StopWishes } from './shutdown.ts';
import { systemClock } from './shared/clock.ts';
import { asCcrError } from './shared/errors.ts';
import { sanitize } from './shared/sanitize.ts';

// What `serve` and the screen have in common: how it comes to an end, also before it has begun.

/** What has started; null when somebody wanted the program to end before that, which makes the start fail. */
export const unlessStopped = <Started>(
  start: Promise<Started>,
  wishes: StopWishes,
): Promise<Started | null> =>
  start.catch((error: unknown) => {
    if (wishes.first.aborted) return null;
    throw error;
  });

/** The end of a program that somebody stopped before it had started. Resolves with the exit code. */
export const endBeforeStart = async (
  { stderr }: ServeOptions,
  wishes: StopWishes,
  onScreen: boolean,
): Promise<number> => {
  const reason = await wishes.next();
  reportEnd(reason, stderr);
  return exitCodeOf(reason, 0, onScreen);
};

/** Lets the requests of the instance finish, for `limitMs` or as long as its settings say; resolves with how many were cut. */
export const drain = (
  instance: RunningInstance,
  wishes: StopWishes,
  {
    limitMs = instance.settings.config.drainMs,
    onTick,
  }: Partial<Pick<DrainOptions, 'limitMs' | 'onTick'>> = {},
): Promise<number> =>
  drainOrCut({
    wishes,
    drain: (limitMs) => instance.drain(limitMs),
    inFlight: () => instance.store.state().inFlight,
    limitMs,
    subscribe: instance.store.subscribe,
    clock: systemClock,
    ...(onTick ? { onTick } : {}),
  });

/** Says why it ends where nobody asked for it. */
export const reportEnd = (reason: StopReason, stderr: NodeJS.WriteStream): void => {
  if (reason.kind === 'gone') stderr.write('ccr-tui: the instance has stopped\n');
  if (reason.kind !== 'broken') return;
  for (const line of asCcrError(reason.error).lines) {
    stderr.write(`ccr-tui: ${sanitize(line, 1000)}\n`);
  }
};

/** Makes wishes of what others ask of the instance, and of its end. */
export const forwardStops = (instance: RunningInstance, wishes: StopWishes): void => {
  instance.stopAsked.then(
    () => wishes.push({ kind: 'asked' }),
    (error: unknown) => wishes.push({ kind: 'broken', error }),
  );
};
