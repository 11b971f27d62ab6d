import { sanitize } from '../shared/sanitize.ts';
import type { FinishedRequest } from '../shared/types.ts';

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

/**
 * An error in words, safe on a terminal: its code reads as words, `rate_limit_error: Slow down` → `rate limit: Slow
 * down`, and what has no code stays as it is.
 */
export const errorWords = (error: string): string => {
  const [, code = '', rest = ''] = /^([a-z]+(?:_[a-z]+)*)(: .*)?$/s.exec(error) ?? [];
  if (code === '') return sanitize(error);
  return sanitize(code.replace(/_error$/, '').replaceAll('_', ' ') + rest);
};

const quiet: ReadonlySet<string> = new Set(['ok', 'aborted']);

/**
 * What is worth saying beside a finished request; empty when nothing is. What matters most comes first: the line is
 * cut at its end.
 */
export const requestNote = (
  request: Pick<FinishedRequest, 'outcome' | 'error' | 'mayHaveRunTwice' | 'attempts'>,
): string => {
  const retries = request.attempts.length - 1;
  const parts = [
    request.mayHaveRunTwice ? 'may have run twice' : '',
    quiet.has(request.outcome) || request.error === null ? '' : errorWords(request.error),
    retries > 0 ? `retry ${retries}` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
};
