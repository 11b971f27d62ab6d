import { isBucket, isExtra, isFull, isHardStatus } from '../shared/limit-window.ts';
import { maskTokens } from '../shared/mask-tokens.ts';
import { asDuration, asEpoch, type DurationMs, type EpochMs, type LimitWindow } from '../shared/types.ts';

// The only file that knows the names of rate-limit headers. Two families exist on the wire:
//   unified  anthropic-ratelimit-unified-<window>-{status,reset,utilization}   plan logins; reset in epoch seconds
//   classic  anthropic-ratelimit-<what>-{limit,remaining,reset}                API keys; reset in RFC 3339
// Both are read generically, so that a window the server invents tomorrow shows up without a change here.

/** Header name in lower case → value; the shape of node:http's `headers`. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export type LimitReading = {
  windows: LimitWindow[];
  /** Windows the server will serve no more from until their own reset; none while overage serves beyond them. */
  spent: LimitWindow[];
  /** The server's word on the account as a whole; null without one. */
  status: string | null;
  /** The window that decided, by the server's own word; null when it names none. */
  claim: Place | null;
  /** The server serves nothing beyond the plan for want of credits. */
  outOfCredits: boolean;
  /** Whether paid overage serves beyond a spent window; null when the answer does not speak of plan limits. */
  overage: boolean | null;
  /** Reset of a refusal that names no window of its own; null without one. */
  rejectedUntil: EpochMs | null;
  /** null when absent or unreadable. */
  retryAfterMs: DurationMs | null;
};

/** What a window is called, and which models it is for. */
export type Place = Pick<LimitWindow, 'id' | 'scope'>;

const unifiedName = /^anthropic-ratelimit-unified-(.+)-(status|reset|utilization)$/;
const classicName = /^anthropic-ratelimit-(.+)-(limit|remaining|reset)$/;
/** Unified names that describe what a client may ask for, not a quota. */
const notAWindow = /^(?:slow|fallback)\b/;
/** Window suffixes whose models are not spelled in the suffix. */
const scopes: Readonly<Record<string, string>> = { oi: 'fable' };

/** The weekly window for models with that word in their names, as the headers call it. */
export const scopedWeek = (word: string): string =>
  `7d_${Object.keys(scopes).find((suffix) => scopes[suffix] === word) ?? word}`;

const day = 24 * 60 * 60 * 1000;
/** No window is longer than a week; a reset further away than this is a mistake somewhere. */
export const longestRest = 8 * day;
/** What is paid for beyond the plan is counted by the month. */
export const longestExtra = 62 * day;

/** How the server names the window that decided, where the word is not that of its headers. */
const claims: Readonly<Record<string, string>> = {
  five_hour: '5h',
  seven_day: '7d',
  seven_day_overage_included: '7d_oi',
};

type Fields = Partial<Record<'status' | 'reset' | 'utilization' | 'limit' | 'remaining', string>>;

/**
 * Everything the headers of one answer say about limits. Total: unreadable parts count as absent.
 * Empty lists when there are no such headers (count_tokens, most 4xx).
 */
export const readLimits = (headers: Headers, now: EpochMs): LimitReading => {
  let unified = none;
  let classic = none;
  for (const name in headers) {
    if (!name.startsWith('anthropic-ratelimit-')) continue;
    if (unified === none) {
      unified = new Map();
      classic = new Map();
    }
    const value = headers[name];
    if (typeof value !== 'string') continue;
    const match = unifiedName.exec(name);
    if (match) collect(unified, match, value);
    else collect(classic, classicName.exec(name), value);
  }
  const windows = unified === none ? [] : windowsOf(unified, classic, now);
  const overage = overageOf(headers, unified.size > 0);
  return {
    windows,
    spent: overage ? [] : windows.filter((window) => isSpent(window, now)),
    status: wordOf(headers['anthropic-ratelimit-unified-status']),
    claim: claimOf(headers),
    outOfCredits: /credit/.test(single(headers['anthropic-ratelimit-unified-overage-disabled-reason']) ?? ''),
    overage,
    rejectedUntil: rejectedUntil(headers, now),
    retryAfterMs: retryAfter(headers, now),
  };
};

/** Shared by all answers that say nothing, which is most of what an API key sees. */
const none: Map<string, Fields> = new Map();

const windowsOf = (
  unified: ReadonlyMap<string, Fields>,
  classic: ReadonlyMap<string, Fields>,
  now: EpochMs,
): LimitWindow[] => [
  ...[...unified].filter(isQuota).map(([id, f]) => unifiedWindow(id, f, now)),
  ...[...classic].filter(([id]) => !/^unified\b/.test(id)).map(([id, f]) => classicWindow(id, f, now)),
];

/** Overage that is off has a word alone: no figure, and nothing to count down. */
const isQuota = ([id, { reset, utilization: share }]: [string, Fields]): boolean =>
  !notAWindow.test(id) && (!isExtra({ id }) || reset !== undefined || share !== undefined);

const claimOf = (headers: Headers): Place | null => {
  const word = wordOf(headers['anthropic-ratelimit-unified-representative-claim']);
  if (word === null || word === '') return null;
  const [, family = null] = /^seven_day_([a-z]+)$/.exec(word) ?? [];
  const id = Object.hasOwn(claims, word) ? claims[word] : family === null ? word : `7d_${family}`;
  return id === undefined ? null : placeOf(id);
};

const overageOf = (headers: Headers, tellsOfWindows: boolean): boolean | null => {
  if (headers['anthropic-ratelimit-unified-overage-in-use'] === 'true') return true;
  return tellsOfWindows || headers['anthropic-ratelimit-unified-status'] !== undefined ? false : null;
};

const rejectedUntil = (headers: Headers, now: EpochMs): EpochMs | null =>
  isHardStatus(single(headers['anthropic-ratelimit-unified-status']) ?? null)
    ? instant(single(headers['anthropic-ratelimit-unified-reset']), now)
    : null;

const collect = (into: Map<string, Fields>, match: RegExpExecArray | null, value: string): void => {
  if (!match) return;
  const [, name = '', field = ''] = match;
  const id = maskTokens(name);
  const fields = into.get(id) ?? {};
  fields[field as keyof Fields] = value;
  into.set(id, fields);
};

const placeOf = (id: string): Place => {
  const suffix = /^\d+[a-z]+_(.+)$/.exec(id)?.[1] ?? null;
  return { id, scope: suffix === null ? null : (scopes[suffix] ?? suffix) };
};

const unifiedWindow = (id: string, fields: Fields, now: EpochMs): LimitWindow => ({
  ...placeOf(id),
  utilization: utilization(fields.utilization),
  status: wordOf(fields.status),
  resetsAt: instant(fields.reset, now, isExtra({ id }) ? longestExtra : longestRest),
  source: 'header',
  seenAt: now,
});

const classicWindow = (id: string, fields: Fields, now: EpochMs): LimitWindow => {
  const limit = utilization(fields.limit);
  const remaining = utilization(fields.remaining);
  // `remaining` is rounded to thousands and may pass the limit.
  const used = limit !== null && limit > 0 && remaining !== null ? Math.max(0, 1 - remaining / limit) : null;
  return {
    id,
    scope: null,
    utilization: used,
    status: null,
    resetsAt: instant(fields.reset, now),
    source: 'header',
    seenAt: now,
  };
};

/**
 * Whether a request can be refused because nothing is left of the window. The buckets of an API key refill all the time:
 * an empty one is a matter of pace.
 */
export const isUsedUp = (window: LimitWindow): boolean =>
  isFull(window) && !isBucket(window) && !isExtra(window);

/** A window is spent when the server says so or its share has run out, as long as its reset lies ahead. */
export const isSpent = (window: LimitWindow, now: EpochMs): boolean =>
  isUsedUp(window) && window.resetsAt !== null && window.resetsAt > now;

/** A number that is not negative (servers were seen to send "-0.0"); null when it is none. */
const utilization = (text: string | undefined): number | null => {
  if (text === undefined || text.trim() === '') return null;
  const value = Number(text);
  return Number.isFinite(value) ? Math.max(0, value) : null;
};

/** Epoch seconds, epoch milliseconds or a date; clamped to that many ms from now; null when unreadable. */
const instant = (text: string | undefined, now: EpochMs, longest = longestRest): EpochMs | null => {
  if (text === undefined || text.trim() === '') return null;
  const number = Number(text);
  const ms = Number.isFinite(number) ? (number > 1e11 ? number : number * 1000) : date(text.trim());
  if (Number.isNaN(ms) || ms <= 0) return null;
  return asEpoch(Math.min(ms, now + longest));
};

/** That reset, or the latest one that is believed. */
export const latestReset = (resetsAt: EpochMs, now: EpochMs): EpochMs =>
  asEpoch(Math.min(resetsAt, now + longestRest));

/** RFC 3339, and the forms of an HTTP date (RFC 9110 section 5.6.7); the last of them has no zone and means GMT. */
const dates = [
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i,
  /^[A-Z][a-z]{2,8}, \d{1,2}[ -][A-Z][a-z]{2}[ -]\d{2,4} \d\d:\d\d:\d\d GMT$/,
] as const;
const dateWithoutZone = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/** Epoch ms, or NaN. Date.parse alone takes almost any text with a number for a date. */
const date = (text: string): number => {
  if (dateWithoutZone.test(text)) return Date.parse(`${text} GMT`);
  return dates.some((form) => form.test(text)) ? Date.parse(text) : Number.NaN;
};

/**
 * `retry-after-ms`, else `retry-after` as seconds or HTTP date, else `x-ratelimit-reset` of compatible providers as
 * seconds or a time. Garbage, negative and past count as absent.
 */
const retryAfter = (headers: Headers, now: EpochMs): DurationMs | null => {
  const exact = utilization(single(headers['retry-after-ms']));
  if (exact !== null && exact > 0) return asDuration(Math.min(exact, longestRest));
  const text = single(headers['retry-after'])?.trim() ?? '';
  const ms = text === '' ? resetWait(headers, now) : waitIn(text, now);
  return Number.isFinite(ms) && ms > 0 ? asDuration(Math.min(ms, longestRest)) : null;
};

const waitIn = (text: string, now: EpochMs): number =>
  /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : date(text) - now;

/** Some count the seconds from now, others since 1970. */
const resetWait = (headers: Headers, now: EpochMs): number => {
  const text = single(headers['x-ratelimit-reset'])?.trim() ?? '';
  const seconds = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : null;
  if (seconds === null || seconds < 1e9) return waitIn(text, now);
  return (instant(text, now) ?? now) - now;
};

const single = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0];

/** What a server says in words is kept and shown: a gateway in debug mode may say a credential back. null without any. */
const wordOf = (value: string | readonly string[] | undefined): string | null => {
  const word = single(value);
  return word === undefined ? null : maskTokens(word);
};
