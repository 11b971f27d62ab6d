import type { LogLevel } from '../shared/events.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { EpochMs } from '../shared/types.ts';
import { ownLog, type Draft } from './draft.ts';
import type { Sentence } from './sentences.ts';
import { logLimit, type Move, type ToldSentence } from './state.ts';

/** The same is not told twice within this time, and a sentence about moves goes on counting for as long. */
const minuteMs = 60_000;
/** How long after a sentence a conversation that moves is told in it, and not in one of its own. */
const growMs = 5000;
/** Bounds of what is remembered: sentences, and conversations of one of them. */
const sentenceLimit = 200;
const moveLimit = 500;

/** Adds a line at the end; the oldest makes room. Returns its number. `again`: see `LogLine`. */
export const addLine = (draft: Draft, at: EpochMs, level: LogLevel, text: string, again = false): number => {
  const log = ownLog(draft);
  const seq = (log.at(-1)?.seq ?? 0) + 1;
  log.push({ seq, at, level, text, ...(again ? { again: true } : {}) });
  if (log.length > logLimit) log.shift();
  return seq;
};

const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;

const movesText = (moves: readonly Move[], from: string | null): string => {
  const targets = [...new Set(moves.map(({ to }) => to))].map((to) => sanitize(to, 60));
  const origin = from === null ? '' : ` from ${sanitize(from, 60)}`;
  return `${moves.length} ${moves.length === 1 ? 'conversation' : 'conversations'} moved${origin} to ${list(targets)}`;
};

/** A sentence without words of its own tells of moves alone. */
const wordsOf = ({ text, count, moves, account }: ToldSentence): string => {
  if (text === '') return movesText(moves, account);
  const times = count > 1 ? ` (${count} times in a minute)` : '';
  return text + times + (moves.length > 0 ? `; ${movesText(moves, null)}` : '');
};

const lineOf = ({ log }: Draft, { seq }: ToldSentence): number =>
  log.findLastIndex((line) => line.seq === seq);

/** The sentence as it is now, in its place; `at` when it has become true again, which times in it count from. */
const replace = (draft: Draft, old: ToldSentence, next: ToldSentence, at?: EpochMs): void => {
  const sentences = draft.told.sentences.map((each) => (each === old ? next : each));
  draft.told = { ...draft.told, sentences };
  const index = lineOf(draft, old);
  const line = draft.log[index];
  if (line !== undefined) ownLog(draft)[index] = { ...line, at: at ?? line.at, text: wordsOf(next) };
};

/** Whether a line of now can stand where the sentence is: none that came behind it would be older. */
const isNewest = ({ log }: Draft, { seq }: ToldSentence): boolean => log.at(-1)?.seq === seq;

/** Old sentences are forgotten, but not why an account is away: conversations may leave it later. */
const kept = (sentences: readonly ToldSentence[], at: EpochMs): ToldSentence[] =>
  sentences.filter((each) => each.away || at - each.at < minuteMs).slice(-sentenceLimit);

/** Adds the sentence as the newest line. */
const tell = (
  draft: Draft,
  told: Omit<ToldSentence, 'seq'>,
  level: LogLevel,
  at: EpochMs,
  again = false,
): void => {
  const sentence = { ...told, seq: 0 };
  const seq = addLine(draft, at, level, wordsOf(sentence), again);
  const others = draft.told.sentences.filter(({ key }) => key !== told.key);
  draft.told = { ...draft.told, sentences: kept([...others, { ...sentence, seq }], at) };
};

/** Takes the line out of the log: the sentence is told again at its end, behind what has happened since. */
const takeBack = (draft: Draft, told: ToldSentence): void => {
  const index = lineOf(draft, told);
  if (index >= 0) ownLog(draft).splice(index, 1);
};

/** The moves that wait for this account's trouble to be told; they are taken. */
const takeWaiting = (draft: Draft, account: string, at: EpochMs): Move[] => {
  const { moves } = draft.told;
  if (moves.length === 0) return [];
  const fresh = moves.filter((move) => at - move.at < growMs);
  draft.told = { ...draft.told, moves: fresh.filter(({ from }) => from !== account) };
  return fresh.filter(({ from }) => from === account);
};

/**
 * Tells a sentence about an account (by its name; null = about none). One that was told within the last minute is
 * counted instead, with the newest figures: in its line while that is the newest one, else at the end, so that times
 * stand in their order and the last line about an account is always the state of things.
 */
export const say = (draft: Draft, account: string | null, sentence: Sentence, at: EpochMs): void => {
  const { kind, level, text, away = false, news = false, uncounted = false } = sentence;
  const key = `${account ?? ''} ${kind}`;
  const { sentences } = draft.told;
  const old = news ? undefined : sentences.find((each) => each.key === key && at - each.at < minuteMs);
  const waiting = away && account !== null ? takeWaiting(draft, account, at) : [];
  if (old === undefined) {
    return tell(draft, { key, account, at, lastAt: at, text, count: 1, away, moves: waiting }, level, at);
  }
  const count = uncounted ? 1 : old.count + 1;
  const next = { ...old, lastAt: at, text, away, count, moves: withMoves(old.moves, waiting) };
  if (isNewest(draft, old)) return replace(draft, old, next, at);
  takeBack(draft, old);
  return tell(draft, next, level, at, sentences.findLast((each) => each.account === account) === old);
};

const withMoves = (moves: readonly Move[], more: readonly Move[]): readonly Move[] => {
  const isKnown = ({ session, from }: Move): boolean =>
    moves.some((move) => move.session === session && move.from === from);
  const added = more.filter((move) => !isKnown(move));
  return added.length === 0 ? moves : [...moves, ...added].slice(0, moveLimit);
};

/** The account takes requests again: what leaves it from now on does so for another reason. */
export const returned = (draft: Draft, account: string): void => {
  const { sentences } = draft.told;
  if (!sentences.some((each) => each.away && each.account === account)) return;
  draft.told = {
    ...draft.told,
    sentences: sentences.map((each) => (each.account === account ? { ...each, away: false } : each)),
  };
};

/**
 * Tells that a conversation had to leave its account: in the sentence that says why while that is new, else in one of
 * its own, which counts on for a minute. A conversation is counted once while its account is away.
 */
export const conversationMoved = (draft: Draft, move: Move): void => {
  const { from, session, at } = move;
  const about = draft.told.sentences.filter((each) => each.away && each.account === from);
  if (about.some(({ moves }) => moves.some((each) => each.session === session))) return;
  const latest = about.at(-1);
  if (latest === undefined) {
    const waiting = draft.told.moves.filter((each) => at - each.at < growMs);
    draft.told = { ...draft.told, moves: withMoves(waiting, [move]) };
    return;
  }
  const growsFor = latest.text === '' ? minuteMs : growMs;
  if (at - latest.lastAt < growsFor)
    replace(draft, latest, { ...latest, moves: [...latest.moves, move].slice(0, moveLimit) });
  else {
    const key = `${from} moves ${at}`;
    tell(
      draft,
      { key, account: from, at, lastAt: at, text: '', count: 1, away: true, moves: [move] },
      'info',
      at,
    );
  }
};
