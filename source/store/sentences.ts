import { countdown } from '../shared/duration.ts';
import type { LogLevel } from '../shared/events.ts';
import { isSameReset } from '../shared/limit-window.ts';
import { localTime } from '../shared/local-time.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { AccountView, EpochMs } from '../shared/types.ts';
import { serves } from './selectors.ts';

/** One sentence of the log before it is told. */
export type Sentence = {
  /** What it says, apart from its figures. */
  kind: string;
  level: LogLevel;
  text: string;
  /** It tells why conversations leave the account. */
  away?: true;
  /** Each time is news of its own: a person did it. Others are counted when they repeat. */
  news?: true;
  /** How often it was true says nothing: only the last time counts. */
  uncounted?: true;
  /** It is over when the account answers again. */
  failing?: true;
};

/** A pause shorter than this is not worth a word: it is over before it is read. */
const briefMs = 10_000;

export const nameOf = ({ name }: Pick<AccountView, 'name'>): string => sanitize(name, 60);

/** The reasons of the balancer are predicates: `reached its 5h limit`. Those that are none get their verb. */
const clauseOf = ({ reason, state }: AccountView): string => {
  if (state === 'error' || state === 'needs-login')
    return reason === null ? 'cannot serve' : `cannot serve: ${sanitize(reason, 300)}`;
  if (reason === null) return `is ${state}`;
  return /^(?:reached|refused|failed|could) /.test(reason) ? sanitize(reason) : `is ${sanitize(reason)}`;
};

const backAt = (availableAt: EpochMs | null, at: EpochMs): string =>
  availableAt === null ? '' : `, back at ${localTime(availableAt, at)}`;

type Change = { before: AccountView; after: AccountView; at: EpochMs };

const isSameBlock = ({ before, after }: Change): boolean =>
  before.state === after.state &&
  before.reason === after.reason &&
  isSameReset(before.availableAt, after.availableAt);

const limitedSentence = (change: Change): Sentence | null => {
  const { after, at } = change;
  if (isSameBlock(change)) return null;
  const text = `${nameOf(after)} ${clauseOf(after)}${backAt(after.availableAt, at)}`;
  return { kind: `limited ${after.reason ?? ''}`, level: 'warning', text, away: true };
};

const pacingSentence = ({ before, after, at }: Change): Sentence | null => {
  const left = (after.availableAt ?? at) - at;
  if (before.state === 'pacing' || left < briefMs) return null;
  const text = `${nameOf(after)} was asked to slow down, back in ${countdown(after.availableAt, at)}`;
  return { kind: 'pacing', level: 'info', text, away: true };
};

const benchedSentence = ({ before, after, at }: Change): Sentence | null => {
  const isSame = before.state === 'benched' && before.availableAt === after.availableAt;
  if (isSame) return null;
  const again = after.availableAt === null ? '' : `, trying again in ${countdown(after.availableAt, at)}`;
  const text = `${nameOf(after)} ${clauseOf(after)}${again}`;
  return { kind: `benched ${after.reason ?? ''}`, level: 'warning', text, away: true, failing: true };
};

const errorSentence = (change: Change): Sentence | null => {
  const { after, at } = change;
  if (isSameBlock(change)) return null;
  const kind = `error ${after.reason ?? ''}`;
  const text = `${nameOf(after)} ${clauseOf(after)}`;
  if (after.availableAt === null) return { kind, level: 'error', text, away: true };
  // The one error that ends by itself is a key that was refused: providers were seen to refuse good ones for a while.
  const again = `trying again at ${localTime(after.availableAt, at)}`;
  const advice = 'if the key is wrong, remove the account and add it again';
  return { kind, level: 'error', text: `${text}; ${again}; ${advice}`, away: true, failing: true };
};

/** States that need no words of their own beyond the reason. */
const otherSentence = (change: Change): Sentence | null => {
  const { after, at } = change;
  if (isSameBlock(change) || after.state === 'refreshing') return null;
  const text = `${nameOf(after)} ${clauseOf(after)}${backAt(after.availableAt, at)}`;
  return { kind: `${after.state} ${after.reason ?? ''}`, level: 'warning', text, away: true };
};

/** Why it serves again, where that is news; a back-off that is over proves nothing until an answer comes. */
const servingSentence = ({ before, after, at }: Change): Sentence | null => {
  const text = (what: string): Sentence => ({
    kind: 'back',
    level: 'info',
    text: `${nameOf(after)} ${what}`,
  });
  if (before.state === 'limited') {
    const window = /^reached its (.+) limit$/.exec(before.reason ?? '')?.[1];
    const limit = window === undefined ? 'limit' : `${sanitize(window, 40)} window`;
    const early = before.availableAt !== null && at < before.availableAt - briefMs;
    return text(early ? 'is back earlier than was said' : `is back: its ${limit} was reset`);
  }
  const wasWithoutSecret = before.state === 'error' && before.availableAt === null;
  const isNews = wasWithoutSecret || before.state === 'capped' || before.state === 'needs-login';
  return isNews ? text('can serve again') : null;
};

const pausedSentence = ({ before, after, at }: Change): Sentence | null => {
  if (before.paused === after.paused) return null;
  const name = nameOf(after);
  if (after.paused) return { kind: 'paused', level: 'info', text: `${name} paused`, away: true, news: true };
  if (serves(after.state)) return { kind: 'resumed', level: 'info', text: `${name} resumed`, news: true };
  const but = `${clauseOf(after)}${backAt(after.availableAt, at)}`;
  return {
    kind: 'resumed',
    level: 'warning',
    text: `${name} resumed, but it ${but}`,
    away: true,
    news: true,
  };
};

const preferredSentence = ({ before, after }: Change): Sentence | null => {
  if ((before.preferred ?? false) === (after.preferred ?? false)) return null;
  const name = nameOf(after);
  const text =
    after.preferred === true ? `new work goes to ${name} first` : `${name} is not preferred any more`;
  return { kind: 'preferred', level: 'info', text, news: true };
};

const stateSentence = (change: Change): Sentence | null => {
  const { state } = change.after;
  if (serves(state)) return servingSentence(change);
  if (state === 'limited') return limitedSentence(change);
  if (state === 'pacing') return pacingSentence(change);
  if (state === 'benched') return benchedSentence(change);
  return state === 'error' ? errorSentence(change) : otherSentence(change);
};

/** What a change of an account means to a person; empty when it is none to speak of. Names and reasons are clean. */
export const accountSentences = (before: AccountView, after: AccountView, at: EpochMs): Sentence[] => {
  const change = { before, after, at };
  const paused = pausedSentence(change);
  const text = `${nameOf(before)} is now called ${nameOf(after)}`;
  const renamed: Sentence[] =
    before.name === after.name ? [] : [{ kind: 'renamed', level: 'info', text, news: true }];
  if (paused !== null) return [...renamed, paused];
  const state = after.paused ? null : stateSentence(change);
  return [...renamed, preferredSentence(change), state].filter((each) => each !== null);
};

/** That nobody can serve, and until when; null when somebody can, or will in a moment, or there is no account at all. */
export const nobodySentence = (accounts: readonly AccountView[], at: EpochMs): Sentence | null => {
  if (accounts.length === 0 || accounts.some(({ state }) => serves(state))) return null;
  const times = accounts.flatMap(({ paused, availableAt }) =>
    paused || availableAt === null ? [] : availableAt,
  );
  const first = Math.min(...times) as EpochMs;
  if (first - at < briefMs) return null;
  const until = times.length > 0 ? ` until ${localTime(first, at)}` : '';
  const why = accounts.every(({ paused }) => paused) ? ': all are paused' : '';
  return { kind: 'nobody', level: 'error', text: `no account can serve${until}${why}` };
};
