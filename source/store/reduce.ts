import type { Totals } from '../shared/commands.ts';
import type { ProxyEvent, ProxyEventType } from '../shared/events.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { EpochMs } from '../shared/types.ts';
import { accountFolds } from './accounts.ts';
import { draftOf, stateOf, type Draft, type Fold } from './draft.ts';
import { narrate } from './log.ts';
import type { Price } from './prices.ts';
import { doubtLive, removeLive, rowFolds } from './rows.ts';
import { nothingTold, type State } from './state.ts';
import { noUse } from './trends.ts';

const noTotals: Totals = {
  requests: 0,
  errors: 0,
  retries: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  costUsd: 0,
  listValueUsd: 0,
  unpricedRequests: 0,
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
  told: nothingTold,
  inFlight: 0,
  totals: noTotals,
  use: noUse,
  dropped: 0,
});

/** As many as the setting may have. */
const budgetLimit = 100;

type Folds = { [Type in ProxyEventType]: Fold<Type> };

const folds: Folds = {
  ...rowFolds,
  ...accountFolds,
  listening(draft, { url }) {
    draft.url = url;
    delete draft.proxyDied;
    // A worker that begins to listen knows nothing of its predecessor's requests: nobody will tell their end.
    removeLive(draft, () => true);
  },
  strategyChosen(draft, { strategy }) {
    draft.strategy = strategy;
  },
  proxyDied(draft, { reason }) {
    draft.proxyDied = sanitize(reason, 300);
    removeLive(draft, () => true);
  },
  historyChanged(draft, { ok }) {
    if (ok) delete draft.historyOff;
    else draft.historyOff = true;
  },
  captureChanged(draft, { mode }) {
    if (mode === 'off') delete draft.capture;
    else draft.capture = mode;
  },
  budgetReached(draft, { at, budget, share, hard, resetsAt }) {
    const others = (draft.budgets ?? []).filter((each) => each.budget !== budget && each.resetsAt > at);
    draft.budgets = [...others, { budget, share, hard, resetsAt }].slice(-budgetLimit);
  },
  budgetsCounted(draft, { reached }) {
    draft.budgets = reached.slice(-budgetLimit);
  },
  // Their text is for the log alone, which hears every event.
  logged() {},
  tokenRefreshed() {},
  tokenRefreshFailed() {},
  dropped(draft, { count }) {
    draft.dropped += count;
    doubtLive(draft);
  },
};

const apply = <Type extends ProxyEventType>(
  draft: Draft,
  event: Extract<ProxyEvent, { type: Type }>,
): void => {
  // A newer worker or instance may tell of things that this version does not know.
  if (!Object.hasOwn(folds, event.type)) return;
  const before = draft.accounts;
  folds[event.type](draft, event);
  narrate(draft, event, before);
};

/**
 * Folds events into the state. The result is a new state and the given one stays as it was; without events it is the
 * given one itself. Any split of a series of events into batches ends in the same state.
 */
export const applyEvents = (state: State, events: readonly ProxyEvent[], price: Price): State => {
  if (events.length === 0) return state;
  const draft = draftOf(state, price);
  for (const event of events) apply(draft, event);
  return stateOf(draft);
};
