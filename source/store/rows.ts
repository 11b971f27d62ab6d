import type { Totals } from '../shared/commands.ts';
import { noTokens, type AccountView, type RequestId } from '../shared/types.ts';
import { liveSeqs, ownRows, type Draft, type Fold } from './draft.ts';
import { pricedDecision, pricedRequest } from './prices.ts';
import { indexOfSeq } from './selectors.ts';
import { served } from './trends.ts';
import { rowLimit, type LiveRequest, type PricedRequest, type RequestRow } from './state.ts';

type RequestEvent =
  | 'requestStarted'
  | 'accountChosen'
  | 'requestHeld'
  | 'requestReleased'
  | 'attemptFailed'
  | 'responseStarted'
  | 'responseGrew'
  | 'requestFinished';

/** What the events of requests do to the rows, the count in flight and the totals. */
export const rowFolds: { [Type in RequestEvent]: Fold<Type> } = {
  requestStarted(draft, event) {
    const { type: _, clientAddress: _address, ...request } = event;
    if (liveSeqs(draft).has(event.id)) return;
    addRow(draft, {
      kind: 'live',
      seq: 0,
      request: {
        ...request,
        account: null,
        status: null,
        firstByteMs: null,
        bytes: 0,
        tokens: noTokens,
        failures: [],
      },
    });
  },

  accountChosen(draft, { id, accountName, decision }) {
    changeLive(draft, id, (request) => ({
      ...request,
      account: accountName,
      moved: decision.affinity === 'moved',
      decision: pricedDecision(decision, request, draft.price),
    }));
  },

  requestHeld(draft, { id, until, decision }) {
    changeLive(draft, id, (request) => ({
      ...request,
      heldUntil: until,
      ...(decision && { decision: pricedDecision(decision, request, draft.price) }),
    }));
  },

  requestReleased(draft, { id }) {
    changeLive(draft, id, ({ heldUntil: _until, ...request }) => request);
  },

  attemptFailed(draft, { id, accountName, status, verdict, window, ms }) {
    const failure = { account: accountName, status, verdict, window, ms };
    changeLive(draft, id, (request) => ({
      ...request,
      account: accountName,
      failures: [...request.failures, failure],
    }));
  },

  responseStarted(draft, { id, accountName, status, firstByteMs }) {
    changeLive(draft, id, (request) => ({ ...request, account: accountName, status, firstByteMs }));
  },

  responseGrew(draft, { id, bytes, tokens }) {
    changeLive(draft, id, (request) => ({ ...request, bytes, tokens }));
  },

  requestFinished(draft, event) {
    const request = pricedRequest(event.request, draft.price);
    const { totals } = draft;
    draft.totals = {
      requests: totals.requests + 1,
      errors: totals.errors + (request.outcome === 'ok' ? 0 : 1),
      retries: totals.retries + Math.max(0, request.attempts.length - 1),
      inputTokens: totals.inputTokens + (request.tokens.input ?? 0),
      outputTokens: totals.outputTokens + (request.tokens.output ?? 0),
      cacheReadTokens: totals.cacheReadTokens + (request.tokens.cacheRead ?? 0),
      ...withCost(totals, request),
    };
    const { accountId, costUsd } = request;
    // One that was removed meanwhile has no use any more that a forecast could be made of.
    const isThere = draft.accounts.some(({ id }) => id === accountId);
    if (accountId !== null && isThere && costUsd !== null) draft.use = served(draft.use, accountId, costUsd);
    const index = liveIndex(draft, request.id);
    // Short requests are told once, by their end alone.
    if (index === -1) return addRow(draft, { kind: 'finished', seq: 0, request });
    const rows = ownRows(draft);
    rows[index] = { kind: 'finished', seq: rows[index]?.seq ?? 0, request };
    forgetLive(draft, request.id);
  },
};

/** Money and what plans gave are never one sum. */
const withCost = (
  { costUsd, listValueUsd, unpricedRequests }: Totals,
  { costKind, costUsd: own, tokens }: PricedRequest,
): Pick<Totals, 'costUsd' | 'listValueUsd' | 'unpricedRequests'> => {
  if (own === null) {
    return { costUsd, listValueUsd, unpricedRequests: unpricedRequests + (tokens.output === null ? 0 : 1) };
  }
  return costKind === 'cost'
    ? { costUsd: costUsd + own, listValueUsd, unpricedRequests }
    : { costUsd, listValueUsd: listValueUsd + own, unpricedRequests };
};

/** Adds a row at the end, as the newest request; the oldest finished one makes room, else the oldest of all. */
const addRow = (draft: Draft, row: RequestRow): void => {
  const rows = ownRows(draft);
  draft.seen += 1;
  rows.push({ ...row, seq: draft.seen });
  if (row.kind === 'live') {
    liveSeqs(draft).set(row.request.id, draft.seen);
    draft.inFlight += 1;
  }
  if (rows.length <= rowLimit) return;
  const oldest = Math.max(
    0,
    rows.findIndex(({ kind }) => kind === 'finished'),
  );
  const [gone] = rows.splice(oldest, 1);
  if (gone?.kind === 'live') forgetLive(draft, gone.request.id);
};

const forgetLive = (draft: Draft, id: RequestId): void => {
  liveSeqs(draft).delete(id);
  draft.inFlight -= 1;
};

const changeLive = (draft: Draft, id: RequestId, change: (request: LiveRequest) => LiveRequest): void => {
  const index = liveIndex(draft, id);
  const row = draft.rows[index];
  if (row?.kind !== 'live') return;
  const { unsure: _, ...request } = row.request;
  ownRows(draft)[index] = { ...row, request: change(request) };
};

/** Where the live row of that request stands, or -1. */
export const liveIndex = (draft: Draft, id: RequestId): number => {
  const seq = draft.inFlight === 0 ? undefined : liveSeqs(draft).get(id);
  return seq === undefined ? -1 : indexOfSeq(draft.rows, seq);
};

/** Takes out the live rows that are gone; nobody will tell their end. */
export const removeLive = (draft: Draft, isGone: (request: LiveRequest) => boolean): void => {
  if (draft.inFlight === 0) return;
  const kept = ownRows(draft).filter((row) => row.kind === 'finished' || !isGone(row.request));
  draft.inFlight -= draft.rows.length - kept.length;
  draft.own = { ...draft.own, rows: kept, live: null };
  draft.rows = kept;
};

/**
 * After lost events, rows may stand for requests that have ended. The account's own count tells how many too many:
 * the oldest ones of which nothing was heard since are taken out.
 */
export const removeSurplus = (draft: Draft, { name, inFlight }: AccountView): void => {
  // Else one lost event would cost a walk over all rows at each news of an account, for ever.
  if (draft.dropped === (draft.settled ?? 0)) return;
  const live = liveOf(draft);
  if (!live.some(({ unsure }) => unsure === true)) {
    draft.settled = draft.dropped;
    return;
  }
  const own = live.filter(({ account }) => account === name);
  let surplus = own.length - inFlight;
  const gone = new Set<RequestId>();
  for (const { id, unsure } of own) {
    if (unsure === true && surplus > 0) {
      gone.add(id);
      surplus -= 1;
    }
  }
  if (gone.size > 0) removeLive(draft, ({ id }) => gone.has(id));
};

const liveOf = ({ rows, inFlight }: Draft): LiveRequest[] =>
  inFlight === 0 ? [] : rows.flatMap((row) => (row.kind === 'live' ? [row.request] : []));

/**
 * After lost events: a row without an account would have got one within milliseconds, if it was not held, so what
 * followed its start is lost, as is what became of one that was held; any other may have ended, and the accounts' own counts tell how many have.
 */
export const doubtLive = (draft: Draft): void => {
  if (draft.inFlight === 0) return;
  removeLive(draft, ({ account }) => account === null);
  const rows = ownRows(draft);
  rows.forEach((row, index) => {
    if (row.kind === 'live') rows[index] = { ...row, request: { ...row.request, unsure: true } };
  });
  for (const account of draft.accounts) removeSurplus(draft, account);
};
