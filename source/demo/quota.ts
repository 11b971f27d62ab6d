import { asEpoch, type EpochMs } from '../shared/types.ts';

/** Tokens of one request, as the answer's `usage` names them. */
export type Usage = {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
};

const cacheWrite = (usage: Usage): number => usage.cacheWrite5m + usage.cacheWrite1h;

/** What a window counts. Cache reads weigh a tenth in plan windows, and nothing in the classic input window. */
const measures = {
  plan: (usage: Usage) => usage.input + cacheWrite(usage) + usage.output + usage.cacheRead / 10,
  tokens: (usage: Usage) => usage.input + cacheWrite(usage) + usage.output,
  input: (usage: Usage) => usage.input + cacheWrite(usage),
  output: (usage: Usage) => usage.output,
  requests: () => 0,
} as const;

export type QuotaWindow = {
  id: string;
  measure: keyof typeof measures;
  quota: number;
  lengthMs: number;
  /** A moment at which a period of this window begins; the others follow at fixed distances. */
  anchor: EpochMs;
  /** Beginning of the model names it applies to; null = every model. */
  scope: string | null;
  /** Utilization from which the server warns. */
  warnFrom: number;
};

export type WindowTruth = {
  id: string;
  scope: string | null;
  used: number;
  quota: number;
  /** 0..1; the last request of a period may take it past 1. */
  utilization: number;
  status: 'allowed' | 'allowed_warning' | 'rejected';
  resetsAt: EpochMs;
};

/** Used in the newest period of each window. */
export type Spent = ReadonlyMap<string, { period: number; used: number }>;

const periodAt = (window: QuotaWindow, now: EpochMs): number =>
  Math.floor((now - window.anchor) / window.lengthMs);

const usedAt = (window: QuotaWindow, spent: Spent, now: EpochMs): number => {
  const last = spent.get(window.id);
  return last !== undefined && last.period === periodAt(window, now) ? last.used : 0;
};

const appliesTo = (window: QuotaWindow, model: string | null): boolean =>
  window.scope === null || (model !== null && model.startsWith(window.scope));

/** The windows that count for `model` as they are now; all of them for null. */
export const windowsAt = (
  windows: readonly QuotaWindow[],
  spent: Spent,
  now: EpochMs,
  model: string | null = null,
): WindowTruth[] =>
  windows
    .filter((window) => model === null || appliesTo(window, model))
    .map((window) => {
      const used = usedAt(window, spent, now);
      const utilization = used / window.quota;
      const warned = utilization >= window.warnFrom ? 'allowed_warning' : 'allowed';
      return {
        id: window.id,
        scope: window.scope,
        used,
        quota: window.quota,
        utilization,
        status: utilization >= 1 ? 'rejected' : warned,
        resetsAt: asEpoch(window.anchor + (periodAt(window, now) + 1) * window.lengthMs),
      };
    });

/** What is spent after `usage` (and, with `requests`, so many requests) of `model` at `now`. */
export const spend = (
  windows: readonly QuotaWindow[],
  spent: Spent,
  at: { now: EpochMs; model: string; usage: Usage; requests: number },
): Spent => {
  const next = new Map(spent);
  for (const window of windows) {
    if (!appliesTo(window, at.model)) continue;
    const cost = window.measure === 'requests' ? at.requests : measures[window.measure](at.usage);
    next.set(window.id, {
      period: periodAt(window, at.now),
      used: usedAt(window, spent, at.now) + cost,
    });
  }
  return next;
};
