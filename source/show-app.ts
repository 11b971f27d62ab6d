import { resolvePaths } from './config/paths.ts';
import type { ScreenOptions } from './commands/context.ts';
import { drain, endBeforeStart, reportEnd, unlessStopped } from './end-instance.ts';
import type { RunningInstance } from './instance.ts';
import { createQuitQuestion, drainingText, type Ending, type QuitQuestion } from './quit-question.ts';
import { collectStopWishes, exitCodeOf, type StopWishes } from './shutdown.ts';
import { screenLook } from './screen-look.ts';
import { screenOutside } from './screen-outside.ts';
import { createScreenOpener, type ScreenOpener, type Shown } from './screen-opener.ts';
import type { ScreenVia } from './shared/audit-event.ts';
import { systemClock } from './shared/clock.ts';
import { sanitize } from './shared/sanitize.ts';
import { priceWith } from './store/prices.ts';
import type { Session } from './store/session.ts';
import { openAttached, openDemo, openTarget, type Target } from './target.ts';
import { terminalTraits } from './ui/terminal-traits.ts';
import { packageVersion } from './version.ts';
import { localWay, sshWay } from './way.ts';

/** `ccr-tui`: the screen where there is a terminal, else lines; on a proxy of its own or on the one that runs. */
export const showApp = async (options: ScreenOptions): Promise<number> => {
  const { env, plain, json, stdin, stdout } = options;
  const wishes = collectStopWishes(process);
  const traits = terminalTraits(env, { ascii: options.ascii, noColor: !options.color, plain });
  const quit = createQuitQuestion(systemClock, (key) => wishes.push({ kind: 'key', key }));
  const terminal = stdin.isTTY && stdout.isTTY && !traits.plain && !json;
  const opener = terminal
    ? createScreenOpener(
        {
          ...options,
          look: { ...screenLook(env), compact: options.compact === true, mouse: options.mouse === true },
          outside: (shown) => screenOutside(env, options.demo ? null : viaOf(shown)),
          onQuit: quit.press,
        },
        traits,
        wishes,
      )
    : null;
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
      ? await showScreen(options, { opener, quit, target, wishes })
      : await showLines(options, target, wishes, traits.spoken && stdout.isTTY);
  } finally {
    await target.close();
    wishes.close();
  }
};

/** Which screen asks, where the instance is of this machine and may be changed; else null. */
const viaOf = ({ session: { host, readOnly }, holdsProxy }: Shown): ScreenVia | null => {
  if (host !== undefined || readOnly === true) return null;
  return holdsProxy ? 'screen' : 'attached';
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

type ShownTarget = { opener: ScreenOpener; quit: QuitQuestion; target: Target; wishes: StopWishes };

const endingOf = ({ store, settings }: RunningInstance): Ending => ({
  inFlight: () => store.state().inFlight,
  subscribe: store.subscribe,
  drainMs: () => settings.config.drainMs,
});

const showScreen = async (
  { stderr }: ScreenOptions,
  { opener, quit, target, wishes }: ShownTarget,
): Promise<number> => {
  const handle = await opener.open({ session: target.session, holdsProxy: target.own !== null });
  target.onLink?.((state) => handle.setLost(state.kind === 'up' ? null : state.why));
  const { own } = target;
  if (own !== null) quit.watch(handle, endingOf(own));
  const reason = await wishes.next();
  quit.settle();
  // A key stays on the screen while requests finish; for anything else the terminal goes back first.
  if (reason.kind !== 'key') await opener.close();
  const onTick = (inFlight: number, leftMs: number): void => {
    // Whatever is open on the screen: the key that means now must not close that.
    if (inFlight > 0) handle.setNotice(drainingText(inFlight, leftMs, false), { q: () => quit.press('q') });
  };
  const limit = reason.kind === 'key' ? { limitMs: quit.leftMs() } : {};
  const cut = own ? await drain(own, wishes, { ...limit, onTick }) : 0;
  await opener.close();
  reportEnd(reason, stderr);
  return exitCodeOf(reason, cut, true);
};

const lossOf = ({ why }: { why: string }): string => `connection lost, trying again: ${sanitize(why, 300)}`;

const showLines = async (
  { stdout, stderr, json, demo: simulated }: ScreenOptions,
  target: Target,
  wishes: StopWishes,
  spoken: boolean,
): Promise<number> => {
  const { plainOutput } = await import('./ui/plain.ts');
  const output = plainOutput({
    feed: target.feed,
    log: () => target.session.state().log,
    price: (...asked) => priceWith(target.session.state().prices ?? [])(...asked),
    out: stdout,
    json,
    ...(spoken ? { spoken: () => target.session.state().accounts } : {}),
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
