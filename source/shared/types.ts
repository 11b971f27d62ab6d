// The nouns that several folders share. Plain data only: all of it crosses threads and sockets.

import type { CallLimit } from './call-limit.ts';
import type { CostKind } from './cost-kind.ts';
import type { WindowForecasts } from './forecast.ts';
import type { Decision } from './decision.ts';

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
export const supportedKinds = [
  'api-key',
  'compatible',
  'login',
  'setup-token',
] as const satisfies readonly AccountKind[];
/** The kinds whose secret is a key that its provider gave for any program. */
export const keyedKinds = ['api-key', 'compatible'] as const satisfies readonly AccountKind[];
/** The kinds that are a Claude login: they serve Claude Code alone. */
export const isLoginKind = (kind: AccountKind): boolean => kind === 'login' || kind === 'setup-token';

export const secretStores = ['keychain', 'vault', 'memory'] as const;
export type SecretStoreName = (typeof secretStores)[number];

/** Where secrets can be moved to. */
export const movableStores = ['keychain', 'vault'] as const satisfies readonly SecretStoreName[];
export type MovableStore = (typeof movableStores)[number];

/** How a key can come from a passphrase. */
export const passphraseKdfs = ['scrypt', 'argon2id'] as const;
export type PassphraseKdf = (typeof passphraseKdfs)[number];

/** What is kept of a Claude login beside its tokens. */
export type LoginFacts = {
  /** When its owner said yes to the notice about the provider's terms. */
  termsAcceptedAt: EpochMs;
  /** The folder of the Claude Code in whose own store the tokens are; null when they are in ours. */
  linkedTo: string | null;
  /** The provider's id of the account behind it; null until it was told. */
  accountUuid: string | null;
  /** The organisation's name; null until it was told. */
  organization: string | null;
  /** The plan in the provider's own word, such as `max`; null until it was told. */
  plan: string | null;
};

/** The rules of choosing an account; what each does stands in balancer/strategies.ts. */
export const strategyNames = [
  'sticky',
  'sticky-simple',
  'drain',
  'spread',
  'round-robin',
  'weighted',
  'priority',
  'session',
] as const;
export type StrategyName = (typeof strategyNames)[number];

/** How far an account may serve beyond its plan, for its owner's money; a number is a share of what may be spent there, 0..1. */
export type OveragePolicy = 'forbid' | 'allow' | number;

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
  /** New work goes to it before all others; absent = it is one of many. */
  preferred?: boolean;
  /**
   * Which store holds the secret: decided when the account was added, never guessed later. `memory` for a linked login, of
   * which no store of ours holds anything.
   */
  store: SecretStoreName;
  createdAt: EpochMs;
  /** Highest share of a window that it may use, 0..1, by the window's id (`5h`); absent = all of every window. */
  caps?: Readonly<Record<string, number>>;
  /** Patterns of the models that it serves, `*` stands for any text; absent = every model. */
  models?: readonly string[];
  /** Absent = `allow`, which comes after every plan that has something left. */
  overage?: OveragePolicy;
  /** How many requests it may have under way at once; absent = any number. */
  concurrent?: number;
  /** Of kind `login` and `setup-token` only. */
  login?: LoginFacts;
  /** A budget of it that is spent, for the data plane alone: what config.json keeps of an account has none. */
  spentBudget?: { text: string; until: EpochMs };
  /** The tool that it was taken over from, and what named it there; absent for one that was added here. */
  importedFrom?: string;
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

/** Why an account has no credential that may be sent. */
export type CredentialProblem = {
  state: Extract<AccountStateName, 'error' | 'needs-login' | 'refreshing'>;
  reason: string;
  /** When that is looked at again; null when only a person can help, or nobody knows. */
  until: EpochMs | null;
};

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
  /** An answer to a request, or the usage endpoint of a Claude login. */
  source: 'header' | 'usage';
  seenAt: EpochMs;
};

/** What of its record anybody may know, as it stands there. */
type PublicRecord = Omit<AccountRecord, 'store' | 'createdAt' | 'login' | 'importedFrom'>;

/** All that a screen, `status --json` or a script may know of an account at one moment. */
export type AccountView = PublicRecord & {
  /** Its plan is spent, and it serves for money. */
  onOverage?: true;
  /** Of a Claude login, as far as its provider told. */
  plan?: string;
  organization?: string;
  state: AccountStateName;
  /** Why the account is in that state, in words; null when ready. */
  reason: string | null;
  /** When it will be used again; null when now, or unknown. */
  availableAt: EpochMs | null;
  inFlight: number;
  requests: number;
  lastUsedAt: EpochMs | null;
  /** When the access token of a login ends; absent for other kinds, and where nobody knows. */
  tokenExpiresAt?: EpochMs;
  windows: LimitWindow[];
  /** When its windows will be used up; absent = nobody has reckoned. */
  forecast?: WindowForecasts;
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
  /** `forwarded`, or why another account was tried: a `VerdictKind` of the retry policy, such as `limited`. */
  verdict: string;
  /** The window that was spent, when one was. */
  window: string | null;
  ms: DurationMs;
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
  /** What it was for: what the client says in `x-ccr-project`, else the name of its key; null without either. */
  project: string | null;
  model: string | null;
  upstreamModel: string | null;
  account: string | null;
  accountId: AccountId | null;
  /** What its cost is: money, or what a plan gave; null without an account. */
  costKind: CostKind | null;
  /** What the client got; null when it left before an answer. */
  status: number | null;
  outcome: Outcome;
  stream: boolean;
  waitMs: DurationMs;
  firstByteMs: DurationMs | null;
  totalMs: DurationMs;
  attempts: Attempt[];
  decision: Decision | null;
  limits?: CallLimit[];
  tokens: TokenCounts;
  stopReason: string | null;
  upstreamRequestId: string | null;
  mayHaveRunTwice: boolean;
  error: string | null;
};
