import type { ReachedBudget } from '../shared/budget.ts';
import type { CaptureMode } from '../shared/capture.ts';
import type { Totals } from '../shared/commands.ts';
import type { LogLevel } from '../shared/events.ts';
import type { PriceEntry } from '../shared/price-entry.ts';
import type { Decision } from '../shared/decision.ts';
import type { Use } from './trends.ts';
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
  project: string | null;
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
  /** Its conversation had to leave its account for this attempt. */
  moved?: boolean;
  /** Why this account, and none of the others, or why it waits; absent as long as nothing was told of that. */
  decision?: Decision | null;
  /** It waits for an account, probably until then. */
  heldUntil?: EpochMs;
  /** Events were lost since anything was heard of it: it may have ended. */
  unsure?: true;
};

/** A finished request with its price in USD, null when that of its model is not known. */
export type PricedRequest = FinishedRequest & {
  costUsd: number | null;
  /** What reading from caches saved against the full price of input; null when it read nothing, or that is not known. */
  cacheSavedUsd: number | null;
};

export type RequestRow =
  | { kind: 'live'; seq: number; request: LiveRequest }
  | { kind: 'finished'; seq: number; request: PricedRequest };

export type LogLine = {
  seq: number;
  at: EpochMs;
  level: LogLevel;
  text: string;
  /** It was there already, and has come to the end because it is true once more: only its figures are news. */
  again?: true;
};

/** A sentence that may still grow: by how often it was true, and by the conversations that moved because of it. */
export type ToldSentence = {
  /** What it is about and what it says, apart from its figures: not told twice within a minute. */
  key: string;
  /** Name of the account it is about; null when it is about none. */
  account: string | null;
  /** Its line in the log. */
  seq: number;
  /** When it was told first, and last. */
  at: EpochMs;
  lastAt: EpochMs;
  text: string;
  count: number;
  /** True while it tells why conversations leave the account. */
  away: boolean;
  moves: readonly Move[];
};

/** A conversation that had to leave its account; accounts by name. */
export type Move = { session: string; from: string; to: string; at: EpochMs };

/** What of a window was warned of: its share, 0 when not yet, or a reset that cannot be. */
export type Warned = {
  account: AccountId;
  window: string;
  scope: string | null;
  share: number;
  resetsAt: EpochMs | null;
  impossible: boolean;
};

/** What the log remembers of what it has told, so that it tells nothing twice. Bounded. */
export type Told = {
  listeningAt: EpochMs | null;
  /** It has been told that no account can serve, and none has since. */
  nobody: boolean;
  /** Accounts of which it was told that they fail, and that have not answered since. */
  failing: readonly AccountId[];
  warned: readonly Warned[];
  /** Oldest first. */
  sentences: readonly ToldSentence[];
  /** Moves from accounts of whose trouble nothing was told yet: the account's own event comes a moment later. */
  moves: readonly Move[];
};

export const nothingTold: Told = {
  listeningAt: null,
  nobody: false,
  failing: [],
  warned: [],
  sentences: [],
  moves: [],
};

/**
 * Everything a screen or a script can ask about a running instance. A fold of ProxyEvents (reduce.ts), bounded:
 * `rows` and `log` keep the newest entries only. Treated as immutable, so that a screen can compare by identity.
 */
export type State = {
  /** Where the proxy listens; null until it does. */
  url: string | null;
  /** Where it will probably listen, while it does not yet and that is known. */
  expected?: string;
  /** Accounts and traffic are simulated: nobody may take the figures for real ones. */
  demo?: true;
  /** How accounts are chosen; absent when an older instance does not tell. */
  strategy?: string;
  /** Prices of its own, beside the list prices; absent = none. */
  prices?: readonly PriceEntry[];
  /** Budgets that are nearly or wholly spent, as far as their periods have not ended; absent = none. */
  budgets?: readonly ReachedBudget[];
  /** Why the thread of the proxy has died, while the next one does not listen yet. */
  proxyDied?: string;
  /** Finished requests are not written down now. */
  historyOff?: true;
  /** Heads and bodies of such requests are kept; absent = of none. */
  capture?: Exclude<CaptureMode, 'off'>;
  startedAt: EpochMs;
  /** Sorted by priority, then name. */
  accounts: readonly AccountView[];
  /** The account that a new conversation would get now; null when nobody can serve, or nothing was told yet. */
  next: AccountId | null;
  /** Oldest first, by arrival; a row keeps its place and `seq` when it finishes. */
  rows: readonly RequestRow[];
  /** How many requests were ever seen, kept or not. */
  seen: number;
  /** Oldest first. A line's text may still change while its sentence grows; `seq` does not. */
  log: readonly LogLine[];
  told: Told;
  inFlight: number;
  totals: Totals;
  /** How the windows of the accounts are used up. */
  use: Use;
  /** Events lost between the worker and here. */
  dropped: number;
  /** What `dropped` was when no row was left that may have ended unheard; absent = there may be some since the first loss. */
  settled?: number;
};

export const rowLimit = 1000;
export const logLimit = 500;
