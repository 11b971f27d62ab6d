import { elapsed } from '../shared/duration.ts';
import type { Considered, Decision } from '../shared/decision.ts';
import type { EpochMs } from '../shared/types.ts';
import { isOnOverage } from './overage.ts';
import type { Hindrance } from './places.ts';
import type { Candidate, Moment, Strategy } from './strategies.ts';

// Why an account was chosen, or was not: in events, in the history, and on the screen. Times are exact here (ISO 8601,
// UTC); who shows them to a person says them as a clock on the wall does.

/** An account as one request finds it: its record and runtime as they are at that moment. */
export type Judged = Candidate & {
  /** What stands for it in the pool, where its runtime is replaced by what it learns. */
  candidate: Candidate;
  block: Hindrance | null;
  /** Why it is not for this request at all; null when it is. */
  misfit: string | null;
  tried: boolean;
  /** It has just failed, and this request, or another one at this moment, has asked such an account already. */
  doubted: boolean;
};

/** All that the words of one choice depend on. */
export type Telling = {
  strategy: Strategy;
  moment: Moment;
  /** The priority number that came first. */
  tier: number;
  chosen: Candidate | null;
  affinity: Decision['affinity'];
  /** Accounts on paid overage were passed over, for a plan has something left. */
  isPaidLater?: boolean;
  /** Who has too little room for this. */
  isFull?: (candidate: Candidate) => boolean;
  /** How long the prompt is, about, of a conversation that a cache holds; 0 for unknown. */
  tokens: number;
};

/** More figures than these nobody reads. */
const mostFigures = 8;

/** Each candidate, in their order: a word that scripts rely on, then why. */
export const consideredOf = (judged: readonly Judged[], telling: Telling): Considered[] => {
  const { strategy, moment, chosen } = telling;
  let told = 0;
  const figure = (each: Judged): string | null => {
    told += 1;
    return told > mostFigures ? null : strategy.words(each, moment);
  };
  return judged.map((each) => ({
    account: each.record.name,
    verdict:
      each.candidate === chosen
        ? chosenWords(each, telling, () => lineWords(each, figure(each)))
        : passedOver(each, { ...telling, figure }),
  }));
};

const chosenWords = (
  { block }: Judged,
  { affinity, tokens, moment }: Telling,
  figure: () => string | null,
): string => {
  if (block?.state === 'limited') {
    return `chosen: all are limited, and it may have been taken back; ${blockWords(block, moment.now)}`;
  }
  if (affinity === 'warm') return `chosen: warm conversation stays: ${stayWords(tokens)}`;
  const words = withWords('chosen', figure());
  return affinity === 'moved' && tokens > 0
    ? `${words}; the conversation moves: ~${roundCount(tokens)} tokens are written again`
    : words;
};

/** Why new work goes there. */
const lineWords = ({ record }: Judged, figure: string | null): string | null => {
  if (record.preferred !== true) return figure;
  return figure === null ? 'you prefer it' : `you prefer it; ${figure}`;
};

const withWords = (word: string, words: string | null): string =>
  words === null ? word : `${word}: ${words}`;

const stayWords = (tokens: number): string =>
  tokens === 0 ? 'its cache holds it' : `moving would write ~${roundCount(tokens)} tokens again`;

/** An estimate with no more digits than it deserves: 84,321 → `84,000`. */
const roundCount = (count: number): string => {
  let unit = 1;
  while (count / unit >= 100) unit *= 10;
  return grouped(Math.round(count / unit) * unit);
};

const grouped = (count: number): string =>
  count < 1000
    ? String(count)
    : `${grouped(Math.floor(count / 1000))},${String(count % 1000).padStart(3, '0')}`;

type Passing = Pick<Telling, 'tier' | 'moment' | 'isPaidLater' | 'isFull'> & {
  figure(each: Judged): string | null;
};

const passedOver = (each: Judged, { tier, figure, isPaidLater, isFull, moment }: Passing): string => {
  const { model, now } = moment;
  const { record, runtime, block, misfit, tried, doubted } = each;
  // Resumed it would not serve this request, either: what it is not for stands first.
  if (misfit !== null) return block?.state === 'paused' ? `${misfit}; ${block.reason}` : misfit;
  if (block) return blockWords(block, now);
  if (tried) return 'failed: refused this request already';
  if (doubted) return 'benched: was failing a moment ago';
  if (isPaidLater === true && isOnOverage(runtime, model, now)) {
    return 'eligible: serves from paid overage, which comes later';
  }
  if (record.priority > tier) return `eligible: priority ${record.priority} comes later`;
  if (isFull?.(each.candidate) === true)
    return 'full: too little of a window is left for work of this length';
  return withWords('eligible', figure(each));
};

/** The states that scripts know by another word: whoever has no credential to send has failed. */
const otherWords: Readonly<Partial<Record<Hindrance['state'], string>>> = {
  error: 'failed',
  refreshing: 'failed',
};

const times = new Map<EpochMs, string>();

/** Request after request tells of the same resets: each is written once (measured: half of the words of a limited account). */
const isoTime = (at: EpochMs): string => {
  const known = times.get(at);
  if (known !== undefined) return known;
  if (times.size >= 1000) times.clear();
  const text = new Date(at).toISOString();
  times.set(at, text);
  return text;
};

const spentWindow = /^reached its (.+) limit$/;

const blockWords = (block: Hindrance, now: EpochMs): string => {
  const { state, reason } = block;
  const word = otherWords[state] ?? state;
  const until = block.until === null ? '' : ` until ${isoTime(block.until)}`;
  const window = spentWindow.exec(reason)?.[1];
  if (window !== undefined) return `${word}${until} by ${window}${toldWords(block, now)}`;
  // `paused by you` says it without a word in front.
  const why = until === '' && reason.startsWith(`${word} `) ? reason : `${word}${until}: ${reason}`;
  return why + toldWords(block, now);
};

/** Where a limit is known from, and since when. */
const toldWords = ({ told }: Hindrance, now: EpochMs): string =>
  told === undefined ? '' : ` (${told.source}, ${ageWords(now - told.at)})`;

const ageWords = (ms: number): string => {
  if (ms < 1000) return 'just now';
  return ms < 60_000 ? `${Math.floor(ms / 1000)} s ago` : `${elapsed(ms)} ago`;
};
