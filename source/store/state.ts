import type { Totals } from '../shared/commands.ts';
import type { LogLevel } from '../shared/events.ts';
import type {
  AccountId,
  AccountView,
  Attempt,
  EpochMs,
  FinishedRequest,
  RequestId,
  TokenCounts,
} from '../shared/types.ts';

/** A request that has not ended yet, as far as the events told. */
export type LiveRequest = {
  id: RequestId;
  at: EpochMs;
  method: string;
  path: string;
  client: string;
  agent: string;
  session: string | null;
  model: string | null;
  stream: boolean;
  /** Account of the newest attempt; null before the first choice. */
  account: string | null;
  status: number | null;
  firstByteMs: number | null;
  /** Bytes of the answer's body so far. */
  bytes: number;
  /** What the answer has told of its tokens so far; the input is known long before the output. */
  tokens: TokenCounts;
  /** Failed attempts so far, oldest first. */
  failures: Attempt[];
  /** Events were lost since anything was heard of it: it may have ended. */
  unsure?: true;
};

/** A finished request with its price in USD (null when the model's price is unknown). */
export type PricedRequest = FinishedRequest & { costUsd: number | null };

export type RequestRow =
  | { kind: 'live'; seq: number; request: LiveRequest }
  | { kind: 'finished'; seq: number; request: PricedRequest };

export type LogLine = { seq: number; at: EpochMs; level: LogLevel; text: string };

/**
 * Everything a screen or a script can ask about a running instance. A fold of ProxyEvents (reduce.ts), bounded:
 * `rows` and `log` keep the newest entries only. Treated as immutable, so that a screen can compare by identity.
 */
export type State = {
  /** Where the proxy listens; null until it does. */
  url: string | null;
  /** Accounts and traffic are simulated: nobody may take the figures for real ones. */
  demo?: true;
  startedAt: EpochMs;
  /** Sorted by priority, then name. */
  accounts: readonly AccountView[];
  /** The account that a new conversation would get now; null when nobody can serve, or nothing was told yet. */
  next: AccountId | null;
  /** Oldest first, by arrival; a row keeps its place and `seq` when it finishes. */
  rows: readonly RequestRow[];
  /** How many requests were ever seen, kept or not. */
  seen: number;
  log: readonly LogLine[];
  inFlight: number;
  totals: Totals;
  /** Events lost between the worker and here. */
  dropped: number;
};

export const rowLimit = 1000;
export const logLimit = 500;
