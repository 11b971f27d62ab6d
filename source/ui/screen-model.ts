import type { Clock } from '../shared/clock.ts';
import { errorFromShape, errorShape } from '../shared/errors.ts';
import type { Session } from '../store/session.ts';
import { createDispatch, type Looking, type QuitKey } from './dispatch.ts';
import { frameLayout, makeFrame, type Frame } from './frame.ts';
import { keyNames, type Key } from './keymap.ts';
import type { Size } from './layout.ts';
import { nextChangeIn } from './next-change.ts';
import { createNotices, type Notices } from './notices.ts';
import type { Dialogs } from './open-dialog.ts';
import { helpPlace } from './overlays/help-rows.ts';
import { onlyGrew } from './only-grew.ts';
import { createPace } from './pace.ts';
import { logHeight } from './panes/log.ts';
import { createPicture, type Picture } from './picture.ts';
import type { Theme } from './theme.ts';
import { firstView, type FrameInput, type Place } from './view.ts';

/** All that a screen does except drawing: what to show now, what a key means, when it has to change. */
export type ScreenModel = {
  theme: Theme;
  frame(): Frame;
  /** Called after the frame has changed; the returned function ends it. */
  subscribe(listener: () => void): () => void;
  /** One piece of input as Ink delivers it. */
  press(input: string, key: Key): void;
  /** Pasted text. It is for the open dialog, and never taken for keys. */
  paste(text: string): void;
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
  /** Called for each ctrl+z. Whether and how the program is suspended is decided elsewhere. */
  onSuspend?: () => void;
  /** Called for ctrl+l: everything is to be drawn anew, whatever the terminal shows now. */
  onRedraw?: () => void;
  /** What opens the dialogs, by action; an action without one does nothing. */
  dialogs?: Dialogs;
  /** Puts text into the clipboard of the person's terminal. */
  copy?: (text: string) => void;
  /** The terminal has not taken the last frame yet: no new one is drawn until it has. Never, by default. */
  busy?: () => boolean;
};

const ignore = (): void => {};
const defaults = { busy: () => false, dialogs: {}, onSuspend: ignore, onRedraw: ignore, copy: ignore };

type Drawing = Picture & {
  /** How the screen is divided now. */
  place(): Place;
};

/** The picture of what is looked at, kept up to date with the session until `stop`. */
const createDrawing = (options: ScreenModelOptions, looking: Looking, notices: Notices): Drawing => {
  const { session, clock, theme, busy } = { ...defaults, ...options };
  let drawn = session.state();
  const input = (): FrameInput => {
    const { view, size } = looking;
    const { readOnly = false, host = null } = session;
    return {
      view,
      size,
      theme,
      readOnly,
      host,
      state: session.state(),
      now: clock.now(),
      notice: notices.current(),
    };
  };
  const make = (): Frame => {
    drawn = session.state();
    return makeFrame(input(), looking.dialog);
  };
  const changesIn = (): number => Math.min(notices.changesIn(), nextChangeIn(session.state(), clock.now()));
  const pace = createPace(clock);
  const everyMs = (): number => pace(session.state().seen);
  const picture = createPicture({ clock, busy, make, changesIn, everyMs });
  const unsubscribe = session.subscribe(() => {
    // Answers that grow are drawn with the seconds that tick meanwhile.
    if (!onlyGrew(drawn, session.state())) picture.soon();
  });
  picture.now();
  return {
    ...picture,
    place: () => {
      const layout = frameLayout(input());
      return {
        ...layout,
        logLinesOf: (entry) => logHeight(theme, entry, layout.columns),
        ...(looking.view.help ? { help: helpPlace(theme, layout) } : {}),
        now: clock.now(),
      };
    },
    stop: () => {
      unsubscribe();
      picture.stop();
    },
  };
};

/** Starts to follow the session; `close` ends that. */
export const createScreenModel = (options: ScreenModelOptions): ScreenModel => {
  const notices = createNotices(options.clock);
  const looking: Looking = { view: firstView, size: options.size, dialog: null };
  const drawing = createDrawing(options, looking, notices);
  const dispatch = createDispatch({
    ...defaults,
    ...options,
    looking,
    notices,
    place: drawing.place,
    draw: drawing.now,
    drawSoon: drawing.soon,
    explain: (error) => errorFromShape(errorShape(error)).lines.join('; '),
  });
  return {
    theme: options.theme,
    frame: drawing.frame,
    subscribe: drawing.subscribe,
    press: (text, key) => {
      notices.keyPressed();
      for (const name of keyNames(text, key)) dispatch(name);
      drawing.now();
    },
    paste: (text) => {
      if (looking.dialog === null) return;
      notices.keyPressed();
      looking.dialog.paste(text);
      drawing.now();
    },
    resize: (next) => {
      looking.size = next;
      drawing.now();
    },
    setNotice: (text) => {
      notices.hold(text);
      drawing.now();
    },
    close: drawing.stop,
  };
};
