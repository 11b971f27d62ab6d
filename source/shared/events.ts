import type { ReachedBudget } from './budget.ts';
import type { CaptureStatus } from './capture.ts';
import type { Decision } from './decision.ts';
import type {
  AccountId,
  AccountView,
  DurationMs,
  EpochMs,
  FinishedRequest,
  LimitWindow,
  RequestId,
  StrategyName,
  TokenCounts,
} from './types.ts';

export type LogLevel = 'info' | 'warning' | 'error';

/**
 * What happened, in the past tense: the one vocabulary between worker, store, control feed and tests.
 * Plain data, no secret, no body. State everywhere is a fold of these.
 */
export type ProxyEvent =
  | { type: 'listening'; at: EpochMs; url: string; host: string; port: number }
  | {
      type: 'requestStarted';
      at: EpochMs;
      id: RequestId;
      method: string;
      path: string;
      client: string;
      clientAddress: string;
      agent: string;
      session: string | null;
      project: string | null;
      model: string | null;
      stream: boolean;
    }
  | {
      type: 'accountChosen';
      at: EpochMs;
      id: RequestId;
      account: AccountId;
      accountName: string;
      attempt: number;
      decision: Decision;
    }
  /** It waits for an account; `until`: when it will probably go on, or be answered. */
  | {
      type: 'requestHeld';
      at: EpochMs;
      id: RequestId;
      until: EpochMs;
      /** Why nobody takes it now. */
      decision?: Decision;
    }
  | { type: 'requestReleased'; at: EpochMs; id: RequestId; waitMs: DurationMs }
  | {
      type: 'attemptFailed';
      at: EpochMs;
      id: RequestId;
      account: AccountId;
      accountName: string;
      attempt: number;
      status: number | null;
      verdict: string;
      window: string | null;
      ms: DurationMs;
    }
  | {
      type: 'responseStarted';
      at: EpochMs;
      id: RequestId;
      account: AccountId;
      accountName: string;
      status: number;
      firstByteMs: DurationMs;
    }
  /** How far an answer under way has come; a few times a second at most, and only when it has grown. */
  | { type: 'responseGrew'; at: EpochMs; id: RequestId; bytes: number; tokens: TokenCounts }
  | { type: 'requestFinished'; at: EpochMs; request: FinishedRequest }
  | { type: 'limitsSeen'; at: EpochMs; account: AccountId; windows: LimitWindow[] }
  /** The whole public state of one account, after any change; the newest one wins. */
  | { type: 'accountChanged'; at: EpochMs; account: AccountView }
  | { type: 'accountRemoved'; at: EpochMs; account: AccountId }
  /** The login of an account was renewed and stored; null = its token has no end. */
  | {
      type: 'tokenRefreshed';
      at: EpochMs;
      account: AccountId;
      accountName: string;
      expiresAt: EpochMs | null;
    }
  /** `failures` in a row; `retryAt` null = nothing is tried any more, its owner has to sign in again. */
  | {
      type: 'tokenRefreshFailed';
      at: EpochMs;
      account: AccountId;
      accountName: string;
      reason: string;
      failures: number;
      retryAt: EpochMs | null;
    }
  /** The account that a new conversation would get now has changed; null when nobody can serve one. */
  | { type: 'nextChosen'; at: EpochMs; account: AccountId | null }
  /** Accounts are chosen by another strategy from now on. */
  | { type: 'strategyChosen'; at: EpochMs; strategy: StrategyName }
  /** The thread of the proxy has died, and its requests with it; it is started again, and then listens. */
  | { type: 'proxyDied'; at: EpochMs; reason: string }
  /** Whether finished requests are written down. */
  | { type: 'historyChanged'; at: EpochMs; ok: boolean }
  /** Whether heads and bodies of requests are kept, and why not, where they should be. */
  | ({ type: 'captureChanged'; at: EpochMs } & CaptureStatus)
  /** A budget has just come to that. */
  | ({ type: 'budgetReached'; at: EpochMs } & ReachedBudget)
  /** What was spent of all budgets is counted: at the start, and when the setting has changed. */
  | { type: 'budgetsCounted'; at: EpochMs; reached: ReachedBudget[] }
  /** A sentence for the log pane and the log file. */
  | { type: 'logged'; at: EpochMs; level: LogLevel; text: string }
  /** The event queue was full: this many events were lost since the last such event. */
  | { type: 'dropped'; at: EpochMs; count: number };

export type ProxyEventType = ProxyEvent['type'];

/** An event with its place in the control feed; a client resumes after the last `seq` it saw. */
export type NumberedEvent = { seq: number; event: ProxyEvent };
