import type { Clock } from '../shared/clock.ts';
import { errorFromShape, errorShape } from '../shared/errors.ts';
import type { Session } from '../store/session.ts';
import { createAccountToggle } from './account-toggle.ts';
import { makeFrame, sameFrame, type Frame } from './frame.ts';
import { actionFor, keyNames, type Key } from './keymap.ts';
import type { Size } from './layout.ts';
import { nextChangeIn } from './next-change.ts';
import { createPaintTimer } from './paint-timer.ts';
import type { Theme } from './theme.ts';
import { accountIndex, firstView, stepView, type View } from './view.ts';

export type QuitKey = 'q' | 'ctrl+c';

/** All that a screen does except drawing: what to show now, what a key means, when it has to change. */
export type ScreenModel = {
  theme: Theme;
  frame(): Frame;
  /** Called after the frame has changed; the returned function ends it. */
  subscribe(listener: () => void): () => void;
  /** One piece of input as Ink delivers it. */
  press(input: string, key: Key): void;
  resize(size: Size): void;
  /** A sentence in place of the log line until it is set to null. */
  setNotice(text: string | null): void;
  /** Stops listening and all timers. */
  close(): void;
};

export type ScreenModelOptions = {
  session: Session;
  clock: Clock;
  theme: Theme;
  size: Size;
  /** Called for each `q` and Ctrl-C. Who opened the screen decides what becomes of it. */
  onQuit: (key: QuitKey) => void;
  /** The terminal has not taken the last frame yet: no new one is drawn until it has. Never, by default. */
  busy?: () => boolean;
};

/** Changes of the state are shown at most ten times a second, whatever the traffic; keys at once. */
const paintEveryMs = 100;
const neverBusy = (): boolean => false;

type Looking = { view: View; size: Size; notice: string | null; failure: string | null };

/** What a key does: changes what is looked at, sends a command, or tells that the person wants to leave. */
const createKeyDispatch = (
  { session, onQuit }: ScreenModelOptions,
  looking: Looking,
  frame: () => Frame,
  onError: (error: unknown) => void,
): ((name: string) => void) => {
  const toggle = createAccountToggle(session, onError);
  const quit = (key: QuitKey): void => {
    // q closes what is open first, as in every pager; Ctrl-C always means the program.
    if (looking.view.help && key === 'q') looking.view = { ...looking.view, help: false };
    else onQuit(key);
  };
  return (name) => {
    const { view } = looking;
    const state = session.state();
    const action = actionFor(name, view.pane)?.name;
    if (action === 'quit') return quit(name === 'q' ? 'q' : 'ctrl+c');
    if (action === undefined || (view.help && action !== 'help' && action !== 'back')) return;
    const account = state.accounts[accountIndex(view, state)];
    if (action === 'account.toggle' && account !== undefined) toggle(account);
    else looking.view = stepView(view, action, state, frame().layout);
  };
};

/** Starts to follow the session; `close` ends that. */
export const createScreenModel = (options: ScreenModelOptions): ScreenModel => {
  const { session, clock, theme, size, busy = neverBusy } = options;
  const listeners = new Set<() => void>();
  const looking: Looking = { view: firstView, size, notice: null, failure: null };

  const draw = (): Frame => {
    const { view, size, notice, failure } = looking;
    const input = { view, size, theme, state: session.state(), now: clock.now() };
    return makeFrame({ ...input, notice: notice ?? failure });
  };
  let frame = draw();
  const painter = createPaintTimer(clock, paintEveryMs, () => {
    if (busy()) return paintEveryMs;
    const next = draw();
    if (!sameFrame(frame, next)) {
      frame = next;
      for (const listener of listeners) listener();
    }
    return nextChangeIn(session.state(), clock.now());
  });
  const change = (part: Partial<Looking>): void => {
    Object.assign(looking, part);
    painter.now();
  };

  const dispatch = createKeyDispatch(
    options,
    looking,
    () => frame,
    (error) => change({ failure: errorFromShape(errorShape(error)).lines.join('; ') }),
  );
  const unsubscribe = session.subscribe(painter.soon);
  painter.now();
  return {
    theme,
    frame: () => frame,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    press: (text, key) => {
      looking.failure = null;
      for (const name of keyNames(text, key)) dispatch(name);
      painter.now();
    },
    resize: (next) => change({ size: next }),
    setNotice: (text) => change({ notice: text }),
    close: () => {
      unsubscribe();
      painter.stop();
    },
  };
};
