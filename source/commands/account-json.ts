import { freshRuntime, viewOf } from '../balancer/account-state.ts';
import { staleAfterMs } from '../shared/duration.ts';
import type { WindowForecasts } from '../shared/forecast.ts';
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

/** By window; one of which too little is known is absent. */
const forecastJson = (forecasts: WindowForecasts): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(forecasts).map(([window, { emptyAt, perHour }]) => [
      window,
      { emptyAt: isoTime(emptyAt), lasts: emptyAt === null, perHour },
    ]),
  );

/** An account as `status`, `account list` and `account add` print it. Unknown values are null, never 0. */
export const accountJson = (view: AccountView, now: EpochMs): Record<string, unknown> => ({
  id: view.id,
  name: view.name,
  kind: view.kind,
  provider: providers[view.kind],
  plan: view.plan ?? null,
  organization: view.organization ?? null,
  baseUrl: view.baseUrl,
  state: view.state,
  reason: view.reason,
  availableAt: isoTime(view.availableAt),
  paused: view.paused,
  preferred: view.preferred === true,
  priority: view.priority,
  weight: view.weight,
  caps: view.caps ?? {},
  models: view.models ?? null,
  modelMap: null,
  overage: view.overage ?? 'allow',
  onOverage: view.onOverage ?? false,
  concurrent: view.concurrent ?? null,
  inFlight: view.inFlight,
  requests: view.requests,
  lastUsedAt: isoTime(view.lastUsedAt),
  tokenExpiresAt: isoTime(view.tokenExpiresAt ?? null),
  windows: view.windows.map((window) => windowJson(window, now)),
  forecast: forecastJson(view.forecast ?? {}),
});

/** What is known of an account while no instance runs: its record, and nothing of its limits. */
export const restingView = (record: AccountRecord, now: EpochMs): AccountView =>
  viewOf(record, freshRuntime, now);
