import type {
  AccountId,
  AccountView,
  Decision,
  DurationMs,
  EpochMs,
  FinishedRequest,
  LimitWindow,
  RequestId,
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
  /** The account that a new conversation would get now has changed; null when nobody can serve one. */
  | { type: 'nextChosen'; at: EpochMs; account: AccountId | null }
  /** A sentence for the log pane and the log file. */
  | { type: 'logged'; at: EpochMs; level: LogLevel; text: string }
  /** The event queue was full: this many events were lost since the last such event. */
  | { type: 'dropped'; at: EpochMs; count: number };

export type ProxyEventType = ProxyEvent['type'];

/** An event with its place in the control feed; a client resumes after the last `seq` it saw. */
export type NumberedEvent = { seq: number; event: ProxyEvent };
