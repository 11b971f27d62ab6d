import { displayWidth } from '../../shared/display-width.ts';
import { countdown, parseAge, staleAfterMs } from '../../shared/duration.ts';
import { isBucket, isExtra, isFull } from '../../shared/limit-window.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { AccountStateName, AccountView, EpochMs, LimitWindow } from '../../shared/types.ts';
import { serves } from '../../store/selectors.ts';
import type { Glyphs, Tone } from '../theme.ts';

/** How a state looks: a glyph and a word besides the colour, and the word where there is little room. */
type Look = { glyph: keyof Glyphs; tone: Tone; short: string };

export const looks: Readonly<Record<AccountStateName, Look>> = {
  ready: { glyph: 'full', tone: 'good', short: 'ready' },
  serving: { glyph: 'full', tone: 'accent', short: 'serving' },
  limited: { glyph: 'cross', tone: 'bad', short: 'limited' },
  benched: { glyph: 'half', tone: 'warning', short: 'benched' },
  pacing: { glyph: 'half', tone: 'warning', short: 'pacing' },
  capped: { glyph: 'half', tone: 'warning', short: 'capped' },
  paused: { glyph: 'empty', tone: 'faint', short: 'paused' },
  'needs-login': { glyph: 'cross', tone: 'bad', short: 'login' },
  refreshing: { glyph: 'turn', tone: 'accent', short: 'refresh' },
  error: { glyph: 'cross', tone: 'bad', short: 'error' },
};

/** Short words for the windows with the longest names. */
const windowWords: Readonly<Record<string, string>> = {
  requests: 'req',
  tokens: 'tok',
  'input-tokens': 'in',
  'output-tokens': 'out',
};

/** `5h` of `5h` and of `5h_opus`; null of a window that is not named by its length. */
const lengthOf = (id: string): string | null => /^\d+[a-z](?=_|$)/.exec(id)?.[0] ?? null;

/** A window's name in a few letters, with the models it is for: `5h`, `7d opus`, `req`. */
export const windowLabel = ({ id, scope }: LimitWindow): string => {
  const base = scope === null ? (windowWords[id] ?? id) : (lengthOf(id) ?? id);
  return sanitize(scope === null ? base : `${base} ${scope}`, 40);
};

const rank = ({ id, scope }: LimitWindow): number =>
  (isExtra({ id }) ? 8 : scope === null ? 0 : 4) + (id === '5h' ? 0 : id === '7d' ? 1 : 2);

/** The 5-hour and the weekly window first, then those of some models, overage last, else the server's order. */
export const orderedWindows = (windows: readonly LimitWindow[]): LimitWindow[] =>
  [...windows].sort((a, b) => rank(a) - rank(b));

/** From this share on a window is worth a warning. */
const nearlySpent = 0.8;

export const isTight = (window: LimitWindow): boolean =>
  isFull(window) || (window.utilization ?? 0) >= nearlySpent || window.status === 'allowed_warning';

export const windowTone = (window: LimitWindow): Tone => {
  if (isFull(window)) return 'bad';
  return isTight(window) ? 'warning' : 'good';
};

/** The state in at most seven letters; that it serves for money comes first. */
export const shortState = ({ state, onOverage }: AccountView): Pick<Look, 'short' | 'tone'> =>
  onOverage === true && serves(state) ? { short: 'overage', tone: 'warning' } : looks[state];

/** Those of a key's limits per minute that are worth a place. */
const mostBuckets = 2;

const tightness = (window: LimitWindow): number => (isTight(window) ? (window.utilization ?? 1) : 0);

/**
 * The windows for an account's row: all of a plan, and two of a key's limits per minute. Those are the first two, which
 * change places with others only when little of those is left: the row must not change its words all the time.
 */
export const rowWindows = (windows: readonly LimitWindow[]): LimitWindow[] => {
  const ordered = orderedWindows(windows);
  const tightestFirst = ordered.filter(isBucket).toSorted((a, b) => tightness(b) - tightness(a));
  const left = new Set(tightestFirst.slice(mostBuckets));
  return ordered.filter((each) => !left.has(each));
};

/**
 * The window that is worth the only place: the one that keeps the account from serving, else the fullest when little of
 * it is left, else the first; one of a model alone only when there is no other. Null when none is known.
 */
export const decidingWindow = (account: Pick<AccountView, 'state' | 'windows'>): LimitWindow | null => {
  const ordered = rowWindows(account.windows);
  const general = ordered.filter((window) => window.scope === null && !isExtra(window));
  // Limits per minute go up and down all the time.
  const lasting = general.filter((window) => !isBucket(window));
  const [fullest] = lasting.toSorted((a, b) => tightness(b) - tightness(a));
  const tight = fullest !== undefined && isTight(fullest) ? fullest : null;
  return limitingWindow(account) ?? tight ?? general[0] ?? ordered[0] ?? null;
};

/**
 * The windows of a row with these places for them. Where there is but one, it is for the one that decides, if that can be
 * named there: a place without a label has its name from the heading.
 */
export const shownWindows = (
  account: Pick<AccountView, 'state' | 'windows'>,
  places: readonly { label: number }[],
): LimitWindow[] => {
  const windows = rowWindows(account.windows);
  const first = places.length === 1 ? decidingWindow(account) : null;
  const isNamed = first !== null && displayWidth(windowLabel(first)) <= (places[0]?.label ?? 0);
  return !isNamed ? windows : [first, ...windows.filter((window) => window !== first)];
};

/** The time until a window's reset; `?` marks what the server has not spoken of for a while. */
export const resetText = ({ id, resetsAt, seenAt }: LimitWindow, now: EpochMs): string => {
  const text = countdown(resetsAt, now, { seenAt, windowMs: parseAge(lengthOf(id) ?? '') });
  return text === '—' && now - seenAt > staleAfterMs ? '—?' : text;
};

/** The spent window that keeps a limited account from serving: of several the one that opens last. */
export const limitingWindow = ({
  state,
  windows,
}: Pick<AccountView, 'state' | 'windows'>): LimitWindow | null =>
  state === 'limited'
    ? (windows
        .filter((window) => window.scope === null && isFull(window) && !isExtra(window))
        .toSorted((a, b) => (b.resetsAt ?? 0) - (a.resetsAt ?? 0))[0] ?? null)
    : null;

/** Rests of less than this come and go while one looks. */
const briefMs = 60_000;

/**
 * Whether the account rests for so short a time that a line for the reason would come and go and push everything
 * below it up and down: the state then says it, with the seconds.
 */
export const restsBriefly = ({ state, availableAt }: AccountView, now: EpochMs): boolean =>
  (state === 'pacing' || state === 'benched') && availableAt !== null && availableAt - now < briefMs;

/** A countdown, and nothing once it is over or where no end is known: `benched now` would say the opposite. */
export const ahead = (at: EpochMs | null, now: EpochMs): string =>
  at === null || at <= now ? '' : countdown(at, now);

/** The state in at most eleven cells, with what limits or how long it rests: `limited 5h`, `benched 8s`, `ready`. */
export const stateText = (account: AccountView, now: EpochMs): string => {
  const limiting = limitingWindow(account);
  const text =
    limiting === null
      ? `${account.state} ${restsBriefly(account, now) ? ahead(account.availableAt, now) : ''}`.trimEnd()
      : `${account.state} ${windowLabel(limiting)}`;
  return text.length <= 11 ? text : account.state;
};
