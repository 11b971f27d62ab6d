import type { ProxyEvent, ProxyEventType } from '../shared/events.ts';
import type { RequestId } from '../shared/types.ts';
import type { Price } from './prices.ts';
import type { LogLine, RequestRow, State } from './state.ts';

/** A state under construction: one copy for a whole batch, made of the parts that the batch really changes. */
export type Draft = { -readonly [Key in keyof State]: State[Key] } & {
  price: Price;
  own: {
    rows: RequestRow[] | null;
    log: LogLine[] | null;
    /** The `seq` of each live row. */
    live: Map<RequestId, number> | null;
  };
};

/** What one kind of event does to a draft. */
export type Fold<Type extends ProxyEventType> = (
  draft: Draft,
  event: Extract<ProxyEvent, { type: Type }>,
) => void;

export const draftOf = (state: State, price: Price): Draft => ({
  ...state,
  price,
  own: { rows: null, log: null, live: null },
});

/** The state that the draft has become. */
export const stateOf = ({ own: _own, price: _price, ...state }: Draft): State => state;

/** The rows, free to be changed. */
export const ownRows = (draft: Draft): RequestRow[] => {
  draft.own.rows ??= [...draft.rows];
  draft.rows = draft.own.rows;
  return draft.own.rows;
};

/** The log, free to be changed. */
export const ownLog = (draft: Draft): LogLine[] => {
  draft.own.log ??= [...draft.log];
  draft.log = draft.own.log;
  return draft.own.log;
};

/** The `seq` of each live row by its request, made by the first look in a batch. */
export const liveSeqs = (draft: Draft): Map<RequestId, number> => {
  if (draft.own.live !== null) return draft.own.live;
  const live = new Map<RequestId, number>();
  for (const { kind, seq, request } of draft.inFlight === 0 ? [] : draft.rows) {
    if (kind === 'live') live.set(request.id, seq);
  }
  draft.own.live = live;
  return live;
};
