import type { Totals } from '../shared/commands.ts';
import type { ProxyEvent, ProxyEventType } from '../shared/events.ts';
import type { AccountView, EpochMs, LimitWindow, RequestId, TokenCounts } from '../shared/types.ts';
import { pricedRequest, type Price } from './prices.ts';
import { logLimit, rowLimit, type LiveRequest, type LogLine, type RequestRow, type State } from './state.ts';

const noTotals: Totals = {
  requests: 0,
  errors: 0,
  retries: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  costUsd: 0,
};

const noTokens: TokenCounts = {
  input: null,
  output: null,
  cacheRead: null,
  cacheWrite5m: null,
  cacheWrite1h: null,
};

/** The state before the first event. */
export const initialState = (startedAt: EpochMs): State => ({
  url: null,
  startedAt,
  accounts: [],
  next: null,
  rows: [],
  seen: 0,
  log: [],
  inFlight: 0,
  totals: noTotals,
  dropped: 0,
});

/**
 * Folds events into the state. The result is a new state and the given one stays as it was; without events it is the
 * given one itself. Any split of a series of events into batches ends in the same state.
 */
export const applyEvents = (state: State, events: readonly ProxyEvent[], price: Price): State => {
  if (events.length === 0) return state;
  const draft = draftOf(state, price);
  for (const event of events) apply(draft, event);
  const { own: _own, price: _price, ...next } = draft;
  return next;
};

/** A state under construction: one copy for a whole batch, made of the parts that the batch really changes. */
type Draft = { -readonly [Key in keyof State]: State[Key] } & {
  price: Price;
  own: { rows: RequestRow[] | null; log: LogLine[] | null };
};

const draftOf = (state: State, price: Price): Draft => ({ ...state, price, own: { rows: null, log: null } });

const ownRows = (draft: Draft): RequestRow[] => {
  draft.own.rows ??= [...draft.rows];
  draft.rows = draft.own.rows;
  return draft.own.rows;
};

const ownLog = (draft: Draft): LogLine[] => {
  draft.own.log ??= [...draft.log];
  draft.log = draft.own.log;
  return draft.own.log;
};

type EventOf<Type extends ProxyEventType> = Extract<ProxyEvent, { type: Type }>;

const folds: { [Type in ProxyEventType]: (draft: Draft, event: EventOf<Type>) => void } = {
  listening(draft, { url }) {
    draft.url = url;
    // A worker that begins to listen knows nothing of its predecessor's requests: nobody will tell their end.
    removeLive(draft, () => true);
  },

  requestStarted(draft, event) {
    const { type: _, clientAddress: _address, ...request } = event;
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

  accountChosen(draft, { id, accountName }) {
    changeLive(draft, id, (request) => ({ ...request, account: accountName }));
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
      costUsd: totals.costUsd + (request.costUsd ?? 0),
    };
    const index = liveIndex(draft, request.id);
    // Short requests are told once, by their end alone.
    if (index === -1) return addRow(draft, { kind: 'finished', seq: 0, request });
    const rows = ownRows(draft);
    rows[index] = { kind: 'finished', seq: rows[index]?.seq ?? 0, request };
    draft.inFlight -= 1;
  },

  limitsSeen(draft, { account, windows }) {
    draft.accounts = draft.accounts.map((view) =>
      view.id === account ? { ...view, windows: mergedWindows(view.windows, windows) } : view,
    );
  },

  accountChanged(draft, { account }) {
    const others = draft.accounts.filter(({ id }) => id !== account.id);
    draft.accounts = [...others, account].sort(byPriorityThenName);
    removeSurplus(draft, account);
  },

  accountRemoved(draft, { account }) {
    draft.accounts = draft.accounts.filter(({ id }) => id !== account);
    if (draft.next === account) draft.next = null;
  },

  nextChosen(draft, { account }) {
    draft.next = account;
  },

  logged(draft, { at, level, text }) {
    const log = ownLog(draft);
    log.push({ seq: (log.at(-1)?.seq ?? 0) + 1, at, level, text });
    if (log.length > logLimit) log.shift();
  },

  dropped(draft, { count }) {
    draft.dropped += count;
    if (draft.inFlight === 0) return;
    // A row without an account would have got one within milliseconds: what followed its start is lost.
    removeLive(draft, ({ account }) => account === null);
    const rows = ownRows(draft);
    rows.forEach((row, index) => {
      if (row.kind === 'live') rows[index] = { ...row, request: { ...row.request, unsure: true } };
    });
    for (const account of draft.accounts) removeSurplus(draft, account);
  },
};

const apply = <Type extends ProxyEventType>(draft: Draft, event: EventOf<Type>): void => {
  // A newer worker or instance may tell of things that this version does not know.
  if (Object.hasOwn(folds, event.type)) folds[event.type](draft, event);
};

/** Adds a row at the end, as the newest request; the oldest finished one makes room, else the oldest of all. */
const addRow = (draft: Draft, row: RequestRow): void => {
  const rows = ownRows(draft);
  draft.seen += 1;
  rows.push({ ...row, seq: draft.seen });
  if (row.kind === 'live') draft.inFlight += 1;
  if (rows.length <= rowLimit) return;
  const oldest = Math.max(
    0,
    rows.findIndex(({ kind }) => kind === 'finished'),
  );
  if (rows[oldest]?.kind === 'live') draft.inFlight -= 1;
  rows.splice(oldest, 1);
};

const changeLive = (draft: Draft, id: RequestId, change: (request: LiveRequest) => LiveRequest): void => {
  const index = liveIndex(draft, id);
  const row = draft.rows[index];
  if (row?.kind !== 'live') return;
  const { unsure: _, ...request } = row.request;
  ownRows(draft)[index] = { ...row, request: change(request) };
};

/** Where the live row of that request stands, or -1. From the end, because most requests are short. */
const liveIndex = ({ rows, inFlight }: Draft, id: RequestId): number =>
  inFlight === 0 ? -1 : rows.findLastIndex((row) => row.kind === 'live' && row.request.id === id);

const removeLive = (draft: Draft, isGone: (request: LiveRequest) => boolean): void => {
  if (draft.inFlight === 0) return;
  const kept = ownRows(draft).filter((row) => row.kind === 'finished' || !isGone(row.request));
  draft.inFlight -= draft.rows.length - kept.length;
  draft.own.rows = kept;
  draft.rows = kept;
};

/**
 * After lost events, rows may stand for requests that have ended. The account's own count tells how many too many:
 * the oldest ones of which nothing was heard since are taken out.
 */
const removeSurplus = (draft: Draft, { name, inFlight }: AccountView): void => {
  if (draft.dropped === 0) return;
  const live = liveOf(draft, name);
  let surplus = live.length - inFlight;
  const gone = new Set<RequestId>();
  for (const { id, unsure } of live) {
    if (unsure === true && surplus > 0) {
      gone.add(id);
      surplus -= 1;
    }
  }
  if (gone.size > 0) removeLive(draft, ({ id }) => gone.has(id));
};

const liveOf = ({ rows, inFlight }: Draft, account: string): LiveRequest[] =>
  inFlight === 0
    ? []
    : rows.flatMap((row) => (row.kind === 'live' && row.request.account === account ? [row.request] : []));

const mergedWindows = (known: readonly LimitWindow[], seen: readonly LimitWindow[]): LimitWindow[] => {
  const isSame = (a: LimitWindow, b: LimitWindow): boolean => a.id === b.id && a.scope === b.scope;
  const updated = known.map((old) => seen.findLast((window) => isSame(window, old)) ?? old);
  const added = seen.filter((window) => !known.some((old) => isSame(window, old)));
  return [...updated, ...added];
};

const byPriorityThenName = (a: AccountView, b: AccountView): number =>
  a.priority - b.priority || Number(a.name > b.name) - Number(a.name < b.name);
