import { isBucket, isFull } from '../shared/limit-window.ts';
import { asDuration, asEpoch, type DurationMs, type EpochMs, type LimitWindow } from '../shared/types.ts';

// The only file that knows the names of rate-limit headers. Two families exist on the wire:
//   unified  anthropic-ratelimit-unified-<window>-{status,reset,utilization}   plan logins; reset in epoch seconds
//   classic  anthropic-ratelimit-<what>-{limit,remaining,reset}                API keys; reset in RFC 3339
// Both are read generically, so that a window the server invents tomorrow shows up without a change here.

/** Header name in lower case → value; the shape of node:http's `headers`. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export type LimitReading = {
  windows: LimitWindow[];
  /** Windows the server will serve no more from until their own reset. */
  spent: LimitWindow[];
  /** Whether paid overage serves beyond a spent window; null when the answer does not speak of plan limits. */
  overage: boolean | null;
  /** Reset of a refusal that names no window of its own; null without one. */
  rejectedUntil: EpochMs | null;
  /** null when absent or unreadable. */
  retryAfterMs: DurationMs | null;
};

const unifiedName = /^anthropic-ratelimit-unified-(.+)-(status|reset|utilization)$/;
const classicName = /^anthropic-ratelimit-(.+)-(limit|remaining|reset)$/;
/** Unified names that describe paid overage, the slow lane and grace, not a quota that can run out under us. */
const notAWindow = /^(?:overage|slow|grace|fallback)\b/;
/** Window suffixes whose models are not spelled in the suffix. */
const scopes: Readonly<Record<string, string>> = { oi: 'fable' };

/** No window is longer than a week; a reset further away than this is a mistake somewhere. */
const longestRest = 8 * 24 * 60 * 60 * 1000;

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
  const overage = overageOf(headers);
  return {
    windows,
    spent: overage ? [] : windows.filter((window) => isSpent(window, now)),
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
  ...[...unified].filter(([id]) => !notAWindow.test(id)).map(([id, f]) => unifiedWindow(id, f, now)),
  ...[...classic].filter(([id]) => !/^unified\b/.test(id)).map(([id, f]) => classicWindow(id, f, now)),
];

const overageOf = (headers: Headers): boolean | null => {
  if (headers['anthropic-ratelimit-unified-overage-in-use'] === 'true') return true;
  return headers['anthropic-ratelimit-unified-status'] === undefined ? null : false;
};

const rejectedUntil = (headers: Headers, now: EpochMs): EpochMs | null =>
  headers['anthropic-ratelimit-unified-status'] === 'rejected'
    ? instant(single(headers['anthropic-ratelimit-unified-reset']), now)
    : null;

const collect = (into: Map<string, Fields>, match: RegExpExecArray | null, value: string): void => {
  if (!match) return;
  const [, id = '', field = ''] = match;
  const fields = into.get(id) ?? {};
  fields[field as keyof Fields] = value;
  into.set(id, fields);
};

const unifiedWindow = (id: string, fields: Fields, now: EpochMs): LimitWindow => {
  const suffix = /^\d+[a-z]+_(.+)$/.exec(id)?.[1] ?? null;
  return {
    id,
    scope: suffix === null ? null : (scopes[suffix] ?? suffix),
    utilization: utilization(fields.utilization),
    status: fields.status ?? null,
    resetsAt: instant(fields.reset, now),
    source: 'header',
    seenAt: now,
  };
};

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
 * A window is spent when the server says so or its share has run out, as long as its reset lies ahead. The buckets of an
 * API key refill all the time: an empty one is a matter of pace.
 */
export const isSpent = (window: LimitWindow, now: EpochMs): boolean =>
  isFull(window) && !isBucket(window) && window.resetsAt !== null && window.resetsAt > now;

/** A number that is not negative (servers were seen to send "-0.0"); null when it is none. */
const utilization = (text: string | undefined): number | null => {
  if (text === undefined || text.trim() === '') return null;
  const value = Number(text);
  return Number.isFinite(value) ? Math.max(0, value) : null;
};

/** Epoch seconds, epoch milliseconds or a date; clamped to eight days from now; null when unreadable. */
const instant = (text: string | undefined, now: EpochMs): EpochMs | null => {
  if (text === undefined || text.trim() === '') return null;
  const number = Number(text);
  const ms = Number.isFinite(number) ? (number > 1e11 ? number : number * 1000) : date(text.trim());
  if (Number.isNaN(ms) || ms <= 0) return null;
  return asEpoch(Math.min(ms, now + longestRest));
};

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

/** `retry-after-ms`, else `retry-after` as seconds or HTTP date. Garbage, negative and past count as absent. */
const retryAfter = (headers: Headers, now: EpochMs): DurationMs | null => {
  const exact = utilization(single(headers['retry-after-ms']));
  if (exact !== null && exact > 0) return asDuration(Math.min(exact, longestRest));
  const text = single(headers['retry-after'])?.trim();
  if (text === undefined || text === '') return null;
  const ms = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : date(text) - now;
  return Number.isFinite(ms) && ms > 0 ? asDuration(Math.min(ms, longestRest)) : null;
};

const single = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0];
