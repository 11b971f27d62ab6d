import { environmentWarnings } from './config/environment-warnings.ts';
import { bindWarnings } from './config/open-bind.ts';
import { resolvePaths, type Paths } from './config/paths.ts';
import type { ScreenOptions, ServeOptions } from './commands/context.ts';
import { drain, endBeforeStart, forwardStops, reportEnd, unlessStopped } from './end-instance.ts';
import { startInstance, type RunningInstance } from './instance.ts';
import { collectStopWishes, exitCodeOf } from './shutdown.ts';
import { systemClock } from './shared/clock.ts';
import { safeJson, sanitize } from './shared/sanitize.ts';
import { captureSentence } from './store/capture-sentence.ts';
import { packageVersion } from './version.ts';

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
  void instance.capturing.then((capture) => {
    const text = captureSentence(capture);
    if (text !== null) stderr.write(`ccr-tui: warning: ${sanitize(text, 1000)}\n`);
  });
  const reason = await wishes.next();
  const cut = await drain(instance, wishes);
  await instance.close();
  wishes.close();
  reportEnd(reason, stderr);
  return exitCodeOf(reason, cut, false);
};

/** `ccr-tui`: the screen, or lines. Its part of this place has a file of its own, which `serve` does without. */
export const screen = async (options: ScreenOptions): Promise<number> => {
  const { showApp } = await import('./show-app.ts');
  return showApp(options);
};

const listeningLine = ({ bound }: RunningInstance, { home }: Paths): Record<string, unknown> => ({
  event: 'listening',
  url: bound.url,
  home,
  pid: process.pid,
  version: packageVersion(),
});
