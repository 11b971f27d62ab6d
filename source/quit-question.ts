import type { Clock } from './shared/clock.ts';
import type { QuitKey } from './ui/dispatch.ts';
import type { ScreenHandle } from './ui/open-screen.tsx';

/** So long a person can take it back before the proxy refuses new requests. */
export const graceMs = 5000;

/** The proxy that ends with the screen. */
export type Ending = {
  inFlight(): number;
  /** Calls the listener after each change of `inFlight`, and maybe more often. */
  subscribe(listener: () => void): () => void;
  /** How long requests may finish, in ms. */
  drainMs(): number;
};

export type QuitQuestion = {
  /** A `q` or Ctrl-C. */
  press(key: QuitKey): void;
  /** From now on what is in flight there is asked about. */
  watch(handle: Pick<ScreenHandle, 'setNotice'>, ending: Ending): void;
  /** What is left of the time for requests to finish, in ms, since it was first asked; 0 where nothing is watched. */
  leftMs(): number;
  /** It ends, for whatever reason: no more questions. */
  settle(): void;
};

/** What the screen says while requests finish. `asked`: it can still be taken back. */
export const drainingText = (inFlight: number, leftMs: number, asked: boolean): string => {
  const text = `draining ${inFlight}, ${Math.ceil(leftMs / 1000)} s; again = now`;
  return asked ? `${text}, Esc = stay, d = refuse new ones` : text;
};

/** Looks every second and after each change, until the returned function ends that. */
const keepLooking = (look: () => void, { subscribe }: Pick<Ending, 'subscribe'>): (() => void) => {
  const timer = setInterval(look, 1000);
  const unsubscribe = subscribe(look);
  return () => {
    clearInterval(timer);
    unsubscribe();
  };
};

/**
 * What a key that quits leads to. With nothing in flight, and where the proxy is elsewhere, the wish is passed on at once. Else it
 * waits for a while, in which Esc takes it back, `d` passes it on, and the same key again passes it on twice, which means now.
 */
export const createQuitQuestion = (
  clock: Pick<Clock, 'monotonic'>,
  push: (key: QuitKey) => void,
): QuitQuestion => {
  let watched: { handle: Pick<ScreenHandle, 'setNotice'>; ending: Ending } | null = null;
  let asked: { key: QuitKey; at: number; stop(): void } | null = null;
  let settled = false;
  let since: number | null = null;

  const leftMs = (): number => {
    if (watched === null) return 0;
    const passed = since === null ? 0 : clock.monotonic() - since;
    return Math.max(0, watched.ending.drainMs() - passed);
  };
  const settle = (): void => {
    settled = true;
    asked?.stop();
    asked = null;
  };
  const pass = (key: QuitKey, ...more: QuitKey[]): void => {
    settle();
    for (const each of [key, ...more]) push(each);
  };
  const stay = (): void => {
    asked?.stop();
    [asked, since] = [null, null];
    watched?.handle.setNotice(null);
  };
  const look = (): void => {
    if (asked === null || watched === null) return;
    const { key, at } = asked;
    const inFlight = watched.ending.inFlight();
    if (inFlight === 0 || clock.monotonic() - at >= Math.min(graceMs, watched.ending.drainMs()))
      return pass(key);
    const answers = { q: () => pass(key, 'q'), d: () => pass(key), escape: stay };
    watched.handle.setNotice(drainingText(inFlight, leftMs(), true), answers);
  };
  const ask = (key: QuitKey, ending: Ending): void => {
    since = clock.monotonic();
    asked = { key, at: since, stop: keepLooking(look, ending) };
    look();
  };
  return {
    press(key) {
      if (asked !== null) pass(asked.key, key);
      else if (settled || watched === null) push(key);
      else ask(key, watched.ending);
    },
    watch: (handle, ending) => {
      watched = { handle, ending };
    },
    leftMs,
    settle,
  };
};
