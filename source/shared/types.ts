// The nouns that several folders share. Plain data only: all of it crosses threads and sockets.

declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Opaque id of an account; stays the same when the account is renamed. */
export type AccountId = Branded<string, 'AccountId'>;
/** Id of one client request: the `x-ccr-request-id` header and the `id` of its history row. Sorts by time. */
export type RequestId = Branded<string, 'RequestId'>;
/** Milliseconds since 1970, wall clock. */
export type EpochMs = Branded<number, 'EpochMs'>;
/** A length of time in milliseconds. */
export type DurationMs = Branded<number, 'DurationMs'>;

export const asEpoch = (ms: number): EpochMs => ms as EpochMs;
export const asDuration = (ms: number): DurationMs => ms as DurationMs;

/** Every kind of account the design knows. `supportedKinds` are those this version can serve with. */
export const accountKinds = [
  'api-key',
  'login',
  'setup-token',
  'compatible',
  'openai',
  'passthrough',
] as const;
export type AccountKind = (typeof accountKinds)[number];
export const supportedKinds = ['api-key', 'compatible'] as const satisfies readonly AccountKind[];

export const secretStores = ['keychain', 'vault', 'memory'] as const;
export type SecretStoreName = (typeof secretStores)[number];

/** What config.json keeps of an account. Never a secret. */
export type AccountRecord = {
  id: AccountId;
  name: string;
  kind: AccountKind;
  /** Origin plus optional path prefix, no trailing slash, without the `/v1` of the API. */
  baseUrl: string;
  /** Lower is tried first. */
  priority: number;
  weight: number;
  paused: boolean;
  /** Which store holds the secret: decided when the account was added, never guessed later. */
  store: SecretStoreName;
  createdAt: EpochMs;
};

export const accountStates = [
  'ready',
  'serving',
  'limited',
  'benched',
  'pacing',
  'capped',
  'paused',
  'needs-login',
  'refreshing',
  'error',
] as const;
export type AccountStateName = (typeof accountStates)[number];

/** One quota window as the server last described it. */
export type LimitWindow = {
  /** `5h`, `7d`, `requests`, `input-tokens`, … : the server's own word. */
  id: string;
  /** Model scope, or null for a window that applies to every model. */
  scope: string | null;
  /** 0..1, may pass 1; null when the server gave none. */
  utilization: number | null;
  /** The server's status word (`allowed`, `allowed_warning`, `rejected`, or one we do not know yet). */
  status: string | null;
  resetsAt: EpochMs | null;
  source: 'header';
  seenAt: EpochMs;
};

/** All that a screen, `status --json` or a script may know of an account at one moment. */
export type AccountView = {
  id: AccountId;
  name: string;
  kind: AccountKind;
  baseUrl: string;
  priority: number;
  weight: number;
  paused: boolean;
  state: AccountStateName;
  /** Why the account is in that state, in words; null when ready. */
  reason: string | null;
  /** When it will be used again; null when now, or unknown. */
  availableAt: EpochMs | null;
  inFlight: number;
  requests: number;
  lastUsedAt: EpochMs | null;
  windows: LimitWindow[];
};

export const outcomes = ['ok', 'error', 'truncated', 'aborted', 'rejected'] as const;
/** ok; error = the upstream said so; truncated = cut; aborted = the client left; rejected = by the gate, or nobody could serve. */
export type Outcome = (typeof outcomes)[number];

export type TokenCounts = {
  input: number | null;
  output: number | null;
  cacheRead: number | null;
  cacheWrite5m: number | null;
  cacheWrite1h: number | null;
};

/** Nothing was told of any; null is unknown, and never 0. */
export const noTokens: TokenCounts = {
  input: null,
  output: null,
  cacheRead: null,
  cacheWrite5m: null,
  cacheWrite1h: null,
};

export type Attempt = {
  /** Account name. */
  account: string;
  /** null when no answer came. */
  status: number | null;
  /**
   * `forwarded`, or why another account was tried: `limited`, `pacing`, `refused`, `overloaded`, `failed`, `unauthorized`,
   * `unreachable`.
   */
  verdict: string;
  /** The window that was spent, when one was. */
  window: string | null;
  ms: DurationMs;
};

export type Considered = { account: string; verdict: string };

export type Decision = {
  strategy: string;
  /** `warm`: the conversation stayed; `moved`: it had to leave its account; `new`: first seen; null: it carries no session. */
  affinity: 'warm' | 'moved' | 'new' | null;
  considered: Considered[];
};

/** What the worker knows of a request when it has ended: the history row before prices are applied. */
export type FinishedRequest = {
  id: RequestId;
  at: EpochMs;
  method: string;
  path: string;
  client: string;
  clientAddress: string;
  /** The program that asked: `claude-code`, `anthropic-sdk`, `openai-sdk`, `other`. */
  agent: string;
  session: string | null;
  model: string | null;
  upstreamModel: string | null;
  account: string | null;
  accountId: AccountId | null;
  /** What the client got; null when it left before an answer. */
  status: number | null;
  outcome: Outcome;
  stream: boolean;
  waitMs: DurationMs;
  firstByteMs: DurationMs | null;
  totalMs: DurationMs;
  attempts: Attempt[];
  decision: Decision | null;
  tokens: TokenCounts;
  stopReason: string | null;
  upstreamRequestId: string | null;
  mayHaveRunTwice: boolean;
  error: string | null;
};
