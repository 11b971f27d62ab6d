import type { Totals } from '../shared/commands.ts';
import type { ProxyEvent, ProxyEventType } from '../shared/events.ts';
import type { EpochMs } from '../shared/types.ts';
import { accountFolds } from './accounts.ts';
import { draftOf, stateOf, type Draft, type Fold } from './draft.ts';
import { narrate } from './log.ts';
import type { Price } from './prices.ts';
import { doubtLive, removeLive, rowFolds } from './rows.ts';
import { nothingTold, type State } from './state.ts';

const noTotals: Totals = {
  requests: 0,
  errors: 0,
  retries: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  costUsd: 0,
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
  dropped: 0,
});

type Folds = { [Type in ProxyEventType]: Fold<Type> };

const folds: Folds = {
  ...rowFolds,
  ...accountFolds,
  listening(draft, { url }) {
    draft.url = url;
    // A worker that begins to listen knows nothing of its predecessor's requests: nobody will tell their end.
    removeLive(draft, () => true);
  },
  // Its text is for the log alone, which hears every event.
  logged() {},
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
