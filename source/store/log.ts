import type { ProxyEvent } from '../shared/events.ts';
import { localTime } from '../shared/local-time.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { AccountView, EpochMs, FinishedRequest, RequestId } from '../shared/types.ts';
import type { Draft } from './draft.ts';
import { liveIndex } from './rows.ts';
import { serves } from './selectors.ts';
import { accountSentences, nameOf, nobodySentence, type Sentence } from './sentences.ts';
import { addLine, conversationMoved, returned, say } from './told.ts';
import { windowWarnings } from './warnings.ts';

/** The accounts before the event of which is told. */
type Before = readonly AccountView[];

type Tales = {
  [Type in ProxyEvent['type']]?: (
    draft: Draft,
    event: Extract<ProxyEvent, { type: Type }>,
    before: Before,
  ) => void;
};

/** After a proxy thread has begun, its accounts appear, and are as if nothing were known of them. */
const settleMs = 1000;

const isSettled = ({ told }: Draft, at: EpochMs): boolean =>
  told.listeningAt !== null && at - told.listeningAt >= settleMs;

/** What a thread that has just begun tells is where it starts from, and no change. */
const startingKinds: ReadonlySet<string> = new Set(['added', 'back']);

const changesOf = (before: AccountView | undefined, after: AccountView, at: EpochMs): Sentence[] => {
  if (before !== undefined) return accountSentences(before, after, at);
  const asIfReady: AccountView = { ...after, state: 'ready', reason: null, availableAt: null };
  const text = `account ${nameOf(after)} added`;
  const added: Sentence = { kind: 'added', level: 'info', text, news: true };
  return [added, ...accountSentences(asIfReady, after, at)];
};

const markFailing = (draft: Draft, { id }: AccountView, sentence: Sentence): void => {
  const { failing } = draft.told;
  if (sentence.failing !== true || failing.includes(id)) return;
  draft.told = { ...draft.told, failing: [...failing, id] };
};

const sayNobody = (draft: Draft, at: EpochMs): void => {
  const { nobody } = draft.told;
  if (draft.accounts.some(({ state }) => serves(state))) {
    if (nobody) draft.told = { ...draft.told, nobody: false };
    return;
  }
  const sentence = nobody || !isSettled(draft, at) ? null : nobodySentence(draft.accounts, at);
  if (sentence === null) return;
  draft.told = { ...draft.told, nobody: true };
  say(draft, null, sentence, at);
};

/** The account that served the conversation last, as far as the rows reach back; null when they do not. */
const homeOf = ({ rows }: Draft, session: string, id: RequestId): string | null => {
  const row = rows.findLast(
    ({ kind, request }) =>
      kind === 'finished' &&
      request.session === session &&
      request.id !== id &&
      (request.status ?? 500) < 400,
  );
  return row?.request.account ?? null;
};

type Mover = Pick<FinishedRequest, 'id' | 'session'>;

/** Tells of a conversation that another account serves now. Without its last account, nobody can say from where. */
const moved = (draft: Draft, { id, session }: Mover, to: string, failed: string[], at: EpochMs): void => {
  if (session === null) return;
  const from = [homeOf(draft, session, id), ...failed].find((name) => name !== null && name !== to);
  if (typeof from === 'string') conversationMoved(draft, { session, from, to, at });
};

const tales: Tales = {
  listening(draft, { at }) {
    draft.told = { ...draft.told, listeningAt: at };
  },

  accountChanged(draft, { account, at }, before) {
    const old = before.find(({ id }) => id === account.id);
    if (old === account) return;
    if (serves(account.state)) returned(draft, account.name);
    for (const sentence of changesOf(old, account, at)) {
      if (startingKinds.has(sentence.kind) && !isSettled(draft, at)) continue;
      say(draft, account.name, sentence, at);
      markFailing(draft, account, sentence);
    }
    const { sentences, warned } = windowWarnings(draft.told.warned, account, at);
    if (warned !== draft.told.warned) draft.told = { ...draft.told, warned };
    for (const sentence of sentences) say(draft, account.name, sentence, at);
    sayNobody(draft, at);
  },

  accountRemoved(draft, { account, at }, before) {
    const old = before.find(({ id }) => id === account);
    if (old === undefined) return;
    returned(draft, old.name);
    const text = `account ${nameOf(old)} removed`;
    say(draft, old.name, { kind: 'removed', level: 'info', text, news: true }, at);
    const { failing, warned } = draft.told;
    draft.told = {
      ...draft.told,
      failing: failing.filter((id) => id !== account),
      warned: warned.filter((each) => each.account !== account),
    };
    sayNobody(draft, at);
  },

  responseStarted(draft, { id, accountName, status, at }) {
    if (status >= 400) return;
    const row = draft.rows[liveIndex(draft, id)];
    if (row?.kind !== 'live' || row.request.moved !== true) return;
    const failed = row.request.failures.map(({ account }) => account);
    moved(draft, row.request, accountName, failed, at);
  },

  requestFinished(draft, { request, at }) {
    const { failing } = draft.told;
    const { accountId, account, status, decision, attempts } = request;
    if (account === null || status === null || status >= 400) return;
    if (accountId !== null && failing.length > 0 && failing.includes(accountId)) {
      draft.told = { ...draft.told, failing: failing.filter((id) => id !== accountId) };
      say(
        draft,
        account,
        { kind: 'answers', level: 'info', text: `${sanitize(account, 60)} answers again`, uncounted: true },
        at,
      );
    }
    if (decision?.affinity !== 'moved') return;
    const failed = attempts.filter(({ verdict }) => verdict !== 'forwarded').map((each) => each.account);
    moved(draft, request, account, failed, at);
  },

  tokenRefreshed(draft, { accountName, expiresAt, at }) {
    const until = expiresAt === null ? '' : ` until ${localTime(expiresAt, at)}`;
    const text = `${sanitize(accountName, 60)} renewed its login${until}`;
    say(draft, null, { kind: `renewed ${accountName}`, level: 'info', text, uncounted: true }, at);
  },

  tokenRefreshFailed(draft, { accountName, reason, failures, retryAt, at }) {
    // Those between the first one and the last only repeat.
    if (failures > 1 && retryAt !== null) return;
    const name = sanitize(accountName, 60);
    const again = retryAt === null ? '' : `; trying again at ${localTime(retryAt, at)}`;
    const text = `${name} could not renew its login: ${sanitize(reason, 300)}${again}`;
    const level = retryAt === null ? 'error' : 'warning';
    say(draft, null, { kind: `not renewed ${accountName}`, level, text }, at);
  },

  strategyChosen(draft, { strategy, at }) {
    const text = `accounts are chosen by ${sanitize(strategy, 60)} now`;
    say(draft, null, { kind: 'strategy', level: 'info', text, news: true }, at);
  },

  budgetReached(draft, { at, budget, share, hard, resetsAt }) {
    const name = sanitize(budget, 100);
    const until = localTime(resetsAt, at);
    const then = hard ? `: refused until ${until}` : `; it begins anew at ${until}`;
    const text =
      share < 1
        ? `${Math.round(share * 100)} % of the budget ${name} is spent`
        : `the budget ${name} is spent${then}`;
    say(draft, null, { kind: `budget ${budget}`, level: 'warning', text, news: true }, at);
  },

  logged(draft, { at, level, text }) {
    addLine(draft, at, level, sanitize(text, 400));
  },
};

/**
 * Tells in the log what an event means to a person; most mean nothing. `before` = the accounts before it. Only for events
 * whose type is known: the fold has looked.
 */
export const narrate = <Type extends ProxyEvent['type']>(
  draft: Draft,
  event: Extract<ProxyEvent, { type: Type }>,
  before: Before,
): void => {
  tales[event.type]?.(draft, event, before);
};
