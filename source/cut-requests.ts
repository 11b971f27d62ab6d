import { costKindOf } from './shared/cost-kind.ts';
import type { ProxyEvent } from './shared/events.ts';
import {
  asDuration,
  noTokens,
  type AccountId,
  type AccountKind,
  type Attempt,
  type EpochMs,
  type FinishedRequest,
  type RequestId,
} from './shared/types.ts';

/** The requests under way, as far as the thread that has them told of them. */
export type RequestsUnderWay = {
  /** Gives back the same events. */
  follow(events: readonly ProxyEvent[]): readonly ProxyEvent[];
  /** That each of them has ended with its thread, oldest first; none is under way afterwards. Empty without any. */
  cut(at: EpochMs): ProxyEvent[];
};

type UnderWay = { request: FinishedRequest; attempt: (Pick<Attempt, 'account'> & { at: EpochMs }) | null };

/** More than the proxy lets in at once; what is over it would be found missing in the history, and nowhere else. */
const limit = 10_000;

const cutError = 'cut when the proxy thread died';

const opened = (event: Extract<ProxyEvent, { type: 'requestStarted' }>): UnderWay => {
  const { type: _, ...known } = event;
  const request: FinishedRequest = {
    ...known,
    upstreamModel: known.model,
    account: null,
    accountId: null,
    costKind: null,
    status: null,
    outcome: 'truncated',
    waitMs: asDuration(0),
    firstByteMs: null,
    totalMs: asDuration(0),
    attempts: [],
    decision: null,
    tokens: noTokens,
    stopReason: null,
    upstreamRequestId: null,
    mayHaveRunTwice: false,
    error: cutError,
  };
  return { request, attempt: null };
};

/** What one event says of the request that it names. */
const learn = (underWay: UnderWay, event: ProxyEvent, kindOf: KindOf): void => {
  const { request } = underWay;
  switch (event.type) {
    case 'accountChosen': {
      const { account: accountId, accountName: account, decision, at } = event;
      Object.assign(request, { account, accountId, costKind: costKindOf(kindOf(accountId)), decision });
      underWay.attempt = { account, at };
      break;
    }
    case 'attemptFailed': {
      const { accountName: account, status, verdict, window, ms } = event;
      request.attempts.push({ account, status, verdict, window, ms });
      underWay.attempt = null;
      break;
    }
    case 'requestReleased':
      request.waitMs = event.waitMs;
      break;
    case 'responseStarted':
      Object.assign(request, { status: event.status, firstByteMs: event.firstByteMs });
      break;
    case 'responseGrew':
      request.tokens = event.tokens;
      break;
    default:
  }
};

const ended = ({ request, attempt }: UnderWay, at: EpochMs): ProxyEvent => {
  const since = (start: EpochMs) => asDuration(Math.max(0, at - start));
  const { attempts, status } = request;
  const last = attempt && {
    account: attempt.account,
    status,
    verdict: 'forwarded',
    window: null,
    ms: since(attempt.at),
  };
  return {
    type: 'requestFinished',
    at,
    request: { ...request, totalMs: since(request.at), attempts: last ? [...attempts, last] : attempts },
  };
};

type KindOf = (account: AccountId) => AccountKind | null;

/**
 * Keeps what is known of the requests under way, so that the end of those that die with their thread can be told: they
 * would be in no history and no sum otherwise. Short ones, of which nothing was told yet, are not known here.
 * `kindOf` = the kind of an account, null when it is gone.
 */
export const followRequests = (kindOf: KindOf): RequestsUnderWay => {
  const underWay = new Map<RequestId, UnderWay>();
  const follow = (event: ProxyEvent): void => {
    if (event.type === 'requestStarted') {
      if (underWay.size < limit) underWay.set(event.id, opened(event));
    } else if (event.type === 'requestFinished') underWay.delete(event.request.id);
    // Ends may be among what was lost, and a request must not be told twice.
    else if (event.type === 'dropped') underWay.clear();
    else if ('id' in event) {
      const known = underWay.get(event.id);
      if (known) learn(known, event, kindOf);
    }
  };
  return {
    follow(events) {
      events.forEach(follow);
      return events;
    },
    cut(at) {
      const cut = [...underWay.values()].map((each) => ended(each, at));
      underWay.clear();
      return cut;
    },
  };
};
