import type { Clock } from '../shared/clock.ts';
import { asCcrError } from '../shared/errors.ts';
import type { Session } from '../store/session.ts';
import { createDispatch, type Answers, type Looking, type QuitKey } from './dispatch.ts';
import { frameLayout, helpRoom, makeFrame, panesInput, type Frame } from './frame.ts';
import { keyNames, standardKeys, type Key, type Keymap } from './keymap.ts';
import type { Size } from './layout.ts';
import { usualLook, type Look } from './look.ts';
import { createMouse } from './mouse.ts';
import { nextChangeIn } from './next-change.ts';
import { createNotices, type Notices } from './notices.ts';
import type { Dialogs } from './open-dialog.ts';
import { onlyGrew } from './only-grew.ts';
import type { Outside } from './outside.ts';
import { createPace } from './pace.ts';
import { bannerText } from './panes/banner.ts';
import { logHeight } from './panes/log.ts';
import { createPicture, type Picture } from './picture.ts';
import type { TerminalReport } from './terminal-reports.ts';
import type { Theme } from './theme.ts';
import { firstView, type FrameInput, type Place } from './view.ts';

/** All that a screen does except drawing: what to show now, what a key means, when it has to change. */
export type ScreenModel = {
  /** The colours of now. */
  theme(): Theme;
  frame(): Frame;
  /** Called after the frame has changed; the returned function ends it. */
  subscribe(listener: () => void): () => void;
  /** One piece of input as Ink delivers it. */
  press(input: string, key: Key): void;
  /** Pasted text. It is for the open prompt or dialog, and never taken for keys. */
  paste(text: string): void;
  resize(size: Size): void;
  /** A sentence in place of the log line until it is set to null; meanwhile the keys of `answers` do that alone. */
  setNotice(text: string | null, answers?: Answers): void;
  /** Why the instance that is shown cannot be heard: stands under the header until it is set to null. */
  setLost(text: string | null): void;
  /** Something that the terminal tells and that is no key. It has the focus until it says otherwise. */
  hear(report: TerminalReport): void;
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
  /** Leaves the screen for a sign-in to that account; resolves with its exit code, null = it did not begin. */
  signIn?: (account: string) => Promise<number | null>;
  /** Leaves the screen for a demo; resolves with its exit code, null = it did not begin. */
  demo?: () => Promise<number | null>;
  /** How the person wants it. */
  look?: Look;
  /** The keys of this person; the usual ones by default. */
  keys?: Keymap;
  /** What works here beyond the instance; nothing by default. */
  outside?: Outside;
  /** What opens the dialogs, by action; an action without one does nothing. */
  dialogs?: Dialogs;
  /** Puts text into the clipboard of the person's terminal. */
  copy?: (text: string) => void;
  /** The terminal has not taken the last frame yet: no new one is drawn until it has. Never, by default. */
  busy?: () => boolean;
};

const ignore = (): void => {};
const defaults = {
  busy: () => false,
  dialogs: {},
  look: usualLook,
  keys: standardKeys,
  outside: {},
  onSuspend: ignore,
  onRedraw: ignore,
  signIn: () => Promise.resolve(null),
  demo: () => Promise.resolve(null),
  copy: ignore,
};

/** While nobody types here changes are drawn that often, and what only the clock changes: it rounds up, and so promises nothing early. */
const awayMs = 1000;
const awayClockMs = 10_000;

type Drawing = Picture & {
  /** The picture as it would be drawn now. */
  make(): Frame;
  /** How the screen is divided now. */
  place(): Place;
};

/** All that the picture is made of, as it is now. */
const inputOf = (options: ScreenModelOptions, looking: Looking, notices: Notices): FrameInput => {
  const { session, clock, look } = { ...defaults, ...options };
  const { view, size, theme } = looking;
  const { readOnly = false, host = null } = session;
  const now = clock.now();
  const { keys = standardKeys } = options;
  const place = { lost: notices.lost(), now, columns: size.columns, keys, readOnly };
  return {
    view,
    size,
    theme,
    readOnly,
    host,
    compact: look.compact,
    state: session.state(),
    now,
    notice: notices.current(),
    answers: Object.keys(looking.answers),
    banner: bannerText(session.state(), place),
    prompt: looking.prompt?.look() ?? null,
    keys,
  };
};

/** The picture of what is looked at, kept up to date with the session until `stop`. */
const createDrawing = (options: ScreenModelOptions, looking: Looking, notices: Notices): Drawing => {
  const { session, clock, busy } = { ...defaults, ...options };
  let drawn = session.state();
  const input = (): FrameInput => inputOf(options, looking, notices);
  const make = (): Frame => {
    drawn = session.state();
    return makeFrame(input(), looking.dialog);
  };
  const changesIn = (): number =>
    Math.min(
      notices.changesIn(),
      Math.max(nextChangeIn(session.state(), clock.now()), looking.away ? awayClockMs : 0),
    );
  const pace = createPace(clock);
  const everyMs = (): number => Math.max(pace(session.state().seen), looking.away ? awayMs : 0);
  const picture = createPicture({ clock, busy, make, changesIn, everyMs });
  const unsubscribe = session.subscribe(() => {
    // Answers that grow are drawn with the seconds that tick meanwhile.
    if (!onlyGrew(drawn, session.state())) picture.soon();
  });
  picture.now();
  return {
    ...picture,
    make,
    place: () => {
      const { theme } = looking;
      const layout = frameLayout(panesInput(input(), looking.dialog));
      return {
        ...layout,
        logLinesOf: (entry) => logHeight(theme, entry, layout.columns),
        ...(looking.view.help ? { help: helpRoom(input(), layout) } : {}),
        now: clock.now(),
      };
    },
    stop: () => {
      unsubscribe();
      picture.stop();
    },
  };
};

/** What becomes of what the terminal tells: without the focus less is drawn, and the mouse does what keys do. */
const createHearing = ({
  looking,
  drawing,
  notices,
  press,
  keys = standardKeys,
}: Pick<ScreenModelOptions, 'keys'> & {
  looking: Looking;
  drawing: Drawing;
  notices: Notices;
  press(key: string): void;
}): ScreenModel['hear'] => {
  const mouse = createMouse({ looking, keys, frame: drawing.make, press });
  return (report) => {
    if (report.kind === 'focus') looking.away = !report.focused;
    else {
      notices.keyPressed();
      mouse(report.deed);
    }
    if (!looking.away) drawing.now();
  };
};

/** Starts to follow the session; `close` ends that. */
export const createScreenModel = (options: ScreenModelOptions): ScreenModel => {
  const notices = createNotices(options.clock);
  const { size, theme } = options;
  const open = { dialog: null, prompt: null, answers: {} };
  const looking: Looking = { ...open, view: firstView, size, theme, away: false };
  const drawing = createDrawing(options, looking, notices);
  const dispatch = createDispatch({
    ...defaults,
    ...options,
    looking,
    notices,
    place: drawing.place,
    draw: drawing.now,
    drawSoon: drawing.soon,
    explain: (error) => asCcrError(error).lines.join('; '),
  });
  return {
    theme: () => looking.theme,
    frame: drawing.frame,
    subscribe: drawing.subscribe,
    press: (text, key) => {
      notices.keyPressed();
      for (const name of keyNames(text, key)) dispatch(name);
      drawing.now();
    },
    paste: (text) => {
      const taker = looking.prompt ?? looking.dialog;
      if (taker === null) return;
      notices.keyPressed();
      taker.paste(text);
      drawing.now();
    },
    resize: (next) => {
      looking.size = next;
      drawing.now();
    },
    setNotice: (text, answers = {}) => {
      looking.answers = answers;
      notices.hold(text);
      drawing.now();
    },
    setLost: (text) => {
      notices.lose(text);
      drawing.now();
    },
    hear: createHearing({ ...options, looking, drawing, notices, press: dispatch }),
    close: drawing.stop,
  };
};
