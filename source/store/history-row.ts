import type { CostKind } from '../shared/cost-kind.ts';
import type { Decision } from '../shared/decision.ts';
import type { Attempt, Outcome, TokenCounts } from '../shared/types.ts';
import type { PricedRequest } from './state.ts';

/** One finished request as `history --json` and `--json` print it. Additions are allowed, renames are not. */
export type HistoryRow = {
  id: string;
  /** ISO 8601, UTC. */
  at: string;
  method: string;
  path: string;
  client: string;
  clientAddress: string;
  agent: string;
  session: string | null;
  /** What it was for: by the request's own word, else the name of its key. */
  project: string | null;
  model: string | null;
  upstreamModel: string | null;
  /** Name of the account that served it. */
  account: string | null;
  status: number | null;
  outcome: Outcome;
  stream: boolean;
  waitMs: number;
  firstByteMs: number | null;
  totalMs: number;
  attempts: Attempt[];
  decision: Decision | null;
  tokens: TokenCounts;
  /** By list prices. */
  costUsd: number | null;
  /** What `costUsd` is: money, or what a plan gave; null where no account served. */
  costKind: CostKind | null;
  stopReason: string | null;
  upstreamRequestId: string | null;
  mayHaveRunTwice: boolean;
  error: string | null;
};

/** The public JSON object of a finished request, keys in their documented order; what is unknown is null, never 0. */
export const historyRow = (request: PricedRequest): HistoryRow => ({
  id: request.id,
  at: new Date(request.at).toISOString(),
  method: request.method,
  path: request.path,
  client: request.client,
  clientAddress: request.clientAddress,
  agent: request.agent,
  session: request.session,
  project: request.project,
  model: request.model,
  upstreamModel: request.upstreamModel,
  account: request.account,
  status: request.status,
  outcome: request.outcome,
  stream: request.stream,
  waitMs: request.waitMs,
  firstByteMs: request.firstByteMs,
  totalMs: request.totalMs,
  attempts: request.attempts.map(attemptRow),
  decision: request.decision === null ? null : decisionRow(request.decision),
  tokens: tokensRow(request.tokens),
  costUsd: request.costUsd,
  costKind: request.costKind,
  stopReason: request.stopReason,
  upstreamRequestId: request.upstreamRequestId,
  mayHaveRunTwice: request.mayHaveRunTwice,
  error: request.error,
});

// Written out field by field: what a later version keeps internally must not slip into the public shape.

const attemptRow = ({ account, status, verdict, window, ms }: Attempt): Attempt => ({
  account,
  status,
  verdict,
  window,
  ms,
});

const decisionRow = ({ strategy, affinity, considered, ...rewrite }: Decision): Decision => ({
  strategy,
  affinity,
  considered: considered.map(({ account, verdict }) => ({ account, verdict })),
  rewriteTokens: rewrite.rewriteTokens ?? null,
  rewriteCostUsd: rewrite.rewriteCostUsd ?? null,
});

const tokensRow = ({ input, output, cacheRead, cacheWrite5m, cacheWrite1h }: TokenCounts): TokenCounts => ({
  input,
  output,
  cacheRead,
  cacheWrite5m,
  cacheWrite1h,
});
