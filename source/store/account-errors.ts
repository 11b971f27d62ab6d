import type { AccountView, EpochMs } from '../shared/types.ts';
import type { RequestRow, State } from './state.ts';
import { outcomeWord, verdictWord } from './wording.ts';

/** Something that went wrong with one account. */
export type AccountError = {
  /** When the request came that it happened to. */
  at: EpochMs;
  /** null = no answer came. */
  status: number | null;
  /** How it ended or why another account was tried, in a word: `limited`, `cut`. */
  word: string;
  /** The window that was spent; null when none was. */
  window: string | null;
  model: string | null;
  /** What is known of the reason; null when nothing is, or when another account was tried. */
  error: string | null;
  /** The account that answered in its place; null when none did, or nobody did yet. */
  passedTo: string | null;
};

const good: ReadonlySet<string> = new Set(['ok', 'aborted']);

type Who = Pick<AccountView, 'id' | 'name'>;

/** The request itself, where it ended badly with that account. */
const endOf = ({ kind, request }: RequestRow, { id, name }: Who): AccountError[] => {
  if (kind === 'live' || good.has(request.outcome)) return [];
  if (request.accountId !== id && request.account !== name) return [];
  const { at, status, model, error, attempts } = request;
  const { window = null } = attempts.findLast(({ account }) => account === name) ?? {};
  return [{ at, status, word: outcomeWord(request).word, window, model, error, passedTo: null }];
};

/** Its attempts that another account took over, the newest first. */
const passedOn = ({ kind, request }: RequestRow, name: string): AccountError[] => {
  const { at, model, account } = request;
  const attempts = kind === 'live' ? request.failures : request.attempts;
  // How the last attempt went is how the request ended.
  const isLast = kind === 'finished' && attempts.at(-1)?.account === account;
  const passed = isLast ? attempts.slice(0, -1) : attempts;
  return passed
    .filter((each) => each.account === name)
    .toReversed()
    .map(({ status, verdict, window }) => ({
      at,
      status,
      word: verdictWord(verdict),
      window,
      model,
      error: null,
      passedTo: account === name ? null : account,
    }));
};

/**
 * What went wrong with an account in the newest requests, newest first, at most `most`: attempts that another account took
 * over, and requests that ended badly with it.
 */
export const accountErrors = ({ rows }: Pick<State, 'rows'>, who: Who, most: number): AccountError[] => {
  const errors: AccountError[] = [];
  for (let index = rows.length - 1; index >= 0 && errors.length < most; index -= 1) {
    const row = rows[index];
    if (row === undefined) break;
    errors.push(...endOf(row, who), ...passedOn(row, who.name));
  }
  return errors.slice(0, most);
};
