import { compactCount, elapsed } from '../../shared/duration.ts';
import { timeOfDay } from '../../shared/local-time.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { Attempt, EpochMs, TokenCounts } from '../../shared/types.ts';
import type { LiveRequest, PricedRequest, RequestRow } from '../../store/state.ts';
import { outcomeWord, requestNote, verdictWord } from '../../store/wording.ts';
import type { Tone } from '../theme.ts';
import { percent } from '../widgets/gauge.ts';

/** A model's name without what every one of them has: vendor and date. `claude-opus-5-5-20260101` → `opus-5.5`. */
export const shortModel = (model: string): string =>
  sanitize(model, 60)
    .replace(/^claude-/, '')
    .replace(/-\d{8}$/, '')
    .replaceAll(/(?<=^|-)(\d{1,2})-(\d{1,2})(?=-|$)/g, '$1.$2');

/** What one line shows, as texts; unknown numbers are `—`. */
export type RequestTexts = {
  time: string;
  account: string;
  status: string;
  /** The window that was spent; empty when none was. */
  window: string;
  tone: Tone;
  model: string;
  wait: string;
  first: string;
  total: string;
  input: string;
  output: string;
  cache: string;
  client: string;
  project: string;
  /** What a key was charged for it, in USD. */
  cost: string;
  /** What it would have cost at list prices, where a plan served it. */
  list: string;
  note: string;
  /** The note where there is little room. */
  brief: string;
};

const none = '—';
/** With the point where the others have theirs: `2.0k` under `1.9k`. */
const count = (n: number | null): string =>
  n === null ? none : compactCount(n).replace(/^(-?\d{1,2})(?=[a-z])/i, '$1.0');
const duration = (ms: number | null): string => (ms === null ? none : elapsed(ms));
/** The same in at most five characters, for columns in which it is short as a rule: from ten minutes on `12m`. */
const shortDuration = (ms: number | null): string => {
  const text = duration(ms);
  return text.length <= 5 || ms === null ? text : `${Math.min(9999, Math.round(ms / 60_000))}m`;
};
const accountName = (name: string | null): string => (name === null ? none : sanitize(name, 60));
const modelName = ({ model, path }: { model: string | null; path: string }): string =>
  model === null ? sanitize(path, 60) : shortModel(model);
/** An amount in at most seven characters, `0.0213` or `12.40`. Always an estimate, as the heading says. */
const usd = (amount: number): string => amount.toFixed(amount < 0.9995 ? 4 : amount < 9999 ? 2 : 0);
const join = (...parts: string[]): string => parts.filter((part) => part !== '').join(', ');

/** The share of the prompt that was read from the cache, 0..1; null when the answer has not told. */
export const cachedShare = ({ input, cacheRead, cacheWrite5m, cacheWrite1h }: TokenCounts): number | null => {
  if (input === null || cacheRead === null) return null;
  const prompt = input + cacheRead + (cacheWrite5m ?? 0) + (cacheWrite1h ?? 0);
  return prompt > 0 ? cacheRead / prompt : null;
};

/** A time that still grows: whole seconds, so that it changes no more often than a clock. */
const growing = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `~${seconds < 60 ? `${seconds}s` : elapsed(seconds * 1000)}`;
};

/** A length in bytes in at most six characters: `950 B`, `12 kB`, `3.4 MB`. */
export const byteCount = (bytes: number): string => {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`;
  const millions = bytes / 1e6;
  return `${millions < 9.95 ? millions.toFixed(1) : Math.round(millions)} MB`;
};

/** A countdown in minutes and seconds. */
const clockLeft = (ms: number): string => {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

/** How a running request stands, in at most eleven characters: `200 stream`, `waiting`, `held 4:59`. */
const liveStatus = (
  { status, heldUntil, unsure, firstByteMs, stream }: LiveRequest,
  now: EpochMs,
): string => {
  if (heldUntil !== undefined) return `held ${clockLeft(heldUntil - now)}`;
  const word = unsure === true ? 'ended?' : firstByteMs === null ? 'waiting' : stream ? 'stream' : 'receive';
  return status === null ? word : `${status} ${word}`;
};

/** What else is known of a running request. */
const liveNote = ({ firstByteMs, bytes, unsure, heldUntil }: LiveRequest): string => {
  // Events were lost: its end may have been among them.
  if (unsure === true) return 'may have ended';
  return heldUntil !== undefined || firstByteMs === null || bytes === 0 ? '' : byteCount(bytes);
};

/** What a request is for, where it asks for no message. */
const purpose = (path: string): string => (path.endsWith('/count_tokens') ? 'token count' : '');

const projectName = (project: string | null): string => (project === null ? none : sanitize(project, 60));

const liveTexts = (request: LiveRequest, now: EpochMs): RequestTexts => {
  const note = liveNote(request);
  const retries = request.failures.length;
  return {
    time: timeOfDay(request.at),
    account: accountName(request.account),
    status: liveStatus(request, now),
    window: '',
    tone: 'accent',
    model: modelName(request),
    wait: none,
    first: shortDuration(request.firstByteMs),
    total: growing(now - request.at),
    input: count(request.tokens.input),
    // Streams tell it at their end; until then they only say how it began.
    output: none,
    cache: percent(cachedShare(request.tokens)),
    client: sanitize(request.client, 60),
    project: projectName(request.project),
    cost: none,
    list: none,
    note: join(purpose(request.path), note, retries > 0 ? `retry ${retries}` : ''),
    brief: note,
  };
};

const finishedTexts = (request: PricedRequest): RequestTexts => {
  const { word, tone } = outcomeWord(request);
  // Colour is for what is not as usual.
  const shown = tone === 'good' ? 'plain' : tone;
  const { costUsd, costKind } = request;
  const note = join(purpose(request.path), requestNote(request));
  const last = request.attempts.at(-1);
  return {
    time: timeOfDay(request.at),
    account: accountName(request.account),
    status: `${request.status ?? none} ${word}`,
    window: request.outcome === 'error' && last?.verdict === 'limited' ? sanitize(last.window ?? '', 20) : '',
    tone: shown,
    model: modelName(request),
    wait: shortDuration(request.waitMs),
    first: shortDuration(request.firstByteMs),
    total: duration(request.totalMs),
    input: count(request.tokens.input),
    output: count(request.tokens.output),
    cache: percent(cachedShare(request.tokens)),
    client: sanitize(request.client, 60),
    project: projectName(request.project),
    cost: costUsd === null || costKind !== 'cost' ? none : usd(costUsd),
    list: costUsd === null || costKind === 'cost' ? none : usd(costUsd),
    note,
    brief: note,
  };
};

/** The texts of a request at this moment; the note says how often it was tried. */
export const requestTexts = (row: RequestRow, now: EpochMs): RequestTexts =>
  row.kind === 'live' ? liveTexts(row.request, now) : finishedTexts(row.request);

/** The texts of its own line under those of the attempts before it, which need not be counted in a note then. */
export const ownTexts = (row: RequestRow, now: EpochMs): RequestTexts =>
  row.kind === 'live'
    ? liveTexts({ ...row.request, failures: [] }, now)
    : finishedTexts({ ...row.request, attempts: row.request.attempts.slice(-1) });

const bothNotes = (note: string): Pick<RequestTexts, 'note' | 'brief'> => ({ note, brief: note });

/**
 * The texts of an attempt that did not serve; `next` = the account that was asked after it. The time is that of the
 * request, as on all lines of it: its own line, the last one, counts from there.
 */
export const attemptTexts = (
  { request }: RequestRow,
  { account, status, verdict, window, ms }: Attempt,
  next: string | null,
): RequestTexts => ({
  time: timeOfDay(request.at),
  account: accountName(account),
  status: `${status ?? none} ${verdictWord(verdict)}`,
  window: window === null ? '' : sanitize(window, 20),
  tone: verdict === 'unauthorized' || verdict === 'failed' || verdict === 'unreachable' ? 'bad' : 'warning',
  model: modelName(request),
  wait: none,
  first: none,
  total: duration(ms),
  input: none,
  output: none,
  cache: none,
  client: '',
  project: '',
  cost: none,
  list: none,
  ...bothNotes(next === null ? '' : next === account ? '-> again' : `-> ${accountName(next)}`),
});
