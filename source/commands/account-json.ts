import { freshRuntime, viewOf } from '../balancer/account-state.ts';
import { staleAfterMs } from '../shared/duration.ts';
import { isoTime } from '../shared/iso-time.ts';
import type { AccountKind, AccountRecord, AccountView, EpochMs, LimitWindow } from '../shared/types.ts';

const providers: Readonly<Record<AccountKind, string>> = {
  'api-key': 'anthropic',
  login: 'anthropic',
  'setup-token': 'anthropic',
  passthrough: 'anthropic',
  compatible: 'anthropic-compatible',
  openai: 'openai-compatible',
};

/** True when the server has not spoken of the window for so long, or its reset has passed: the number is a memory. */
export const isStale = (window: LimitWindow, now: EpochMs): boolean =>
  now - window.seenAt > staleAfterMs || (window.resetsAt !== null && window.resetsAt <= now);

const windowJson = (window: LimitWindow, now: EpochMs): Record<string, unknown> => ({
  id: window.id,
  scope: window.scope,
  utilization: window.utilization,
  status: window.status,
  resetsAt: isoTime(window.resetsAt),
  source: window.source,
  seenAt: isoTime(window.seenAt),
  stale: isStale(window, now),
});

/** An account as `status`, `account list` and `account add` print it. Unknown values are null, never 0. */
export const accountJson = (view: AccountView, now: EpochMs): Record<string, unknown> => ({
  id: view.id,
  name: view.name,
  kind: view.kind,
  provider: providers[view.kind],
  baseUrl: view.baseUrl,
  state: view.state,
  reason: view.reason,
  availableAt: isoTime(view.availableAt),
  paused: view.paused,
  priority: view.priority,
  weight: view.weight,
  caps: {},
  models: null,
  modelMap: null,
  inFlight: view.inFlight,
  requests: view.requests,
  lastUsedAt: isoTime(view.lastUsedAt),
  tokenExpiresAt: null,
  windows: view.windows.map((window) => windowJson(window, now)),
  forecast: {},
});

/** What is known of an account while no instance runs: its record, and nothing of its limits. */
export const restingView = (record: AccountRecord, now: EpochMs): AccountView =>
  viewOf(record, freshRuntime, now);
