import { sanitize } from '../shared/sanitize.ts';
import { localTime } from '../shared/local-time.ts';
import type { StatsFigures } from '../shared/statistics.ts';
import { asEpoch, type EpochMs, type FinishedRequest } from '../shared/types.ts';

/** How a request ended, in one word, and how that is to be taken. */
export type OutcomeWord = { word: string; tone: 'good' | 'warning' | 'bad' | 'faint' };

const statusWords: Readonly<Record<number, OutcomeWord>> = {
  401: { word: 'auth', tone: 'bad' },
  403: { word: 'denied', tone: 'bad' },
  404: { word: 'missing', tone: 'bad' },
  429: { word: 'limited', tone: 'warning' },
  529: { word: 'busy', tone: 'warning' },
};

/** Refused by the proxy itself, or nobody could serve: what the client got says which. */
const refusalWords: Readonly<Record<number, OutcomeWord>> = {
  429: { word: 'limited', tone: 'warning' },
  502: { word: 'failed', tone: 'bad' },
  504: { word: 'timeout', tone: 'bad' },
  529: { word: 'busy', tone: 'warning' },
};

/** The word beside the status of a finished request, on the screen, in plain lines and in the history's table. */
export const outcomeWord = ({
  outcome,
  status,
}: Pick<FinishedRequest, 'outcome' | 'status'>): OutcomeWord => {
  if (outcome === 'ok') return { word: 'ok', tone: 'good' };
  if (outcome === 'truncated') return { word: 'cut', tone: 'bad' };
  if (outcome === 'aborted') return { word: 'aborted', tone: 'faint' };
  if (outcome === 'rejected') return refusalWords[status ?? 0] ?? { word: 'refused', tone: 'warning' };
  return statusWords[status ?? 0] ?? { word: 'error', tone: 'bad' };
};

const verdictWords: Readonly<Record<string, string>> = {
  limited: 'limited',
  pacing: 'paced',
  refused: 'refused',
  overloaded: 'busy',
  failed: 'error',
  unauthorized: 'auth',
  unreachable: 'no answer',
};

/** Why an attempt did not serve, in one word that fits beside its status; safe on a terminal, also where nobody knows the verdict. */
export const verdictWord = (verdict: string): string =>
  Object.hasOwn(verdictWords, verdict) ? (verdictWords[verdict] ?? '') : sanitize(verdict, 20);

/**
 * An error in words, safe on a terminal: its code reads as words, `rate_limit_error: Slow down` → `rate limit: Slow
 * down`, and what has no code stays as it is.
 */
export const errorWords = (error: string): string => {
  const [, code = '', rest = ''] = /^([a-z]+(?:_[a-z]+)*)(: .*)?$/s.exec(error) ?? [];
  if (code === '') return sanitize(error);
  return sanitize(code.replace(/_error$/, '').replaceAll('_', ' ') + rest);
};

const isoTime = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/**
 * A verdict of a decision as a person reads it, safe on a terminal: its times as the clock on the wall shows them, and the
 * words that scripts rely on no longer as if they were names. `at` = when the decision was made.
 */
export const verdictText = (verdict: string, at: EpochMs): string =>
  sanitize(verdict.replace(/^(client|model): /, 'not for this $1: '), 400).replaceAll(isoTime, (time) =>
    localTime(asEpoch(Date.parse(time)), at),
  );

/** That an answer broke off, as its request has it; who closed, and why, is not known. */
export const cutShort = 'the answer was cut';

/** Why the proxy answered itself, where its code is no sentence. */
const refusals: Readonly<Record<string, string>> = {
  no_account: 'no account could serve',
  all_limited: 'every account that could serve was limited',
  all_overloaded: 'every account that could serve was overloaded, failing or full',
};

/** Why the proxy itself refused a request, safe on a terminal; empty where it did not, or its reason is not known. */
export const refusalText = ({ outcome, error }: Omit<Ended, 'status'>): string => {
  if (outcome !== 'rejected' || error === null) return '';
  return Object.hasOwn(refusals, error) ? (refusals[error] ?? '') : errorWords(error);
};

type Ended = Pick<FinishedRequest, 'outcome' | 'status' | 'error'>;

/** What became of an answer that did not come to its end, in few words or whole; empty where that is told otherwise. */
export const endWords = ({ outcome, error }: Omit<Ended, 'status'>, inFull = false): string => {
  if (outcome === 'aborted') return inFull ? 'the client left first' : 'client left';
  if (outcome !== 'truncated' || (error !== null && error !== cutShort)) return '';
  return inFull ? 'the answer stopped before its end' : 'ended too early';
};

/** Some servers say no more than their status does. */
const onlyBusy = /^overloaded_error(?:: overloaded)?$/i;

/** What is not told yet by how it ended, safe on a terminal; empty when nothing is. */
const endError = (request: Ended): string => {
  const { outcome, status, error } = request;
  if (outcome === 'ok' || error === null || endWords(request) !== '') return '';
  // `busy` says that already, and not what became of it.
  if (outcome === 'error' && status === 529 && onlyBusy.test(error)) return 'passed to the client';
  return errorWords(error);
};

/**
 * What is worth saying beside a finished request; empty when nothing is. What matters most comes first: the line is
 * cut at its end.
 */
export const requestNote = (
  request: Ended & Pick<FinishedRequest, 'mayHaveRunTwice' | 'attempts'>,
): string => {
  const retries = request.attempts.length - 1;
  const parts = [
    request.mayHaveRunTwice ? 'may have run twice' : '',
    endWords(request),
    endError(request),
    retries > 0 ? `retry ${retries}` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
};

/** What caching saved, money apart from what plans give: `4.20 USD and 33.10 USD of list value`; null while nothing is known. */
export const savedByCaching = ({
  cacheSavedUsd,
  cacheSavedListValueUsd,
}: Pick<StatsFigures, 'cacheSavedUsd' | 'cacheSavedListValueUsd'>): string | null => {
  const money = cacheSavedUsd === null ? [] : [`${cacheSavedUsd.toFixed(2)} USD`];
  const value =
    cacheSavedListValueUsd === null ? [] : [`${cacheSavedListValueUsd.toFixed(2)} USD of list value`];
  const texts = [...money, ...value];
  return texts.length === 0 ? null : texts.join(' and ');
};
