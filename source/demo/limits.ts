import { asEpoch, type EpochMs } from '../shared/types.ts';
import type { QuotaWindow, Spent } from './quota.ts';

/** Limits of a simulated account. What is a record goes by window id and replaces single defaults. */
export type Limits = {
  /** `unified`: windows of a plan; `classic`: per-minute limits of an API key; `none`: no limit and no header. */
  kind: 'unified' | 'classic' | 'none';
  quota?: Readonly<Record<string, number>>;
  lengthMs?: Readonly<Record<string, number>>;
  /** Share of the quota that is used when the upstream starts, 0..1. */
  used?: Readonly<Record<string, number>>;
  /** When a period of every window begins; the start of the upstream by default. */
  anchor?: EpochMs;
  /** How long before the start the running period of a window began; goes before `anchor`. */
  elapsedMs?: Readonly<Record<string, number>>;
  /** Of `unified`: serves on for money beyond what is spent. Off by default. */
  overage?: Overage;
};

/** What is paid for beyond the plan; it is not counted further, so that it never ends. */
export type Overage = {
  /** Share of what may be spent, 0..1. */
  used: number;
  /** From the start of the upstream to its reset, in ms. */
  resetsInMs: number;
};

type WindowDefault = Pick<QuotaWindow, 'id' | 'measure' | 'lengthMs' | 'scope' | 'warnFrom'> & {
  /** null = the window is there only when a quota is given. */
  quota: number | null;
};

const hour = 3_600_000;
const week = 168 * hour;

const defaults: Readonly<Record<Limits['kind'], readonly WindowDefault[]>> = {
  unified: [
    { id: '5h', measure: 'plan', quota: 2_000_000, lengthMs: 5 * hour, scope: null, warnFrom: 0.9 },
    { id: '7d', measure: 'plan', quota: 20_000_000, lengthMs: week, scope: null, warnFrom: 0.75 },
    { id: '7d_opus', measure: 'plan', quota: null, lengthMs: week, scope: 'claude-opus', warnFrom: 0.75 },
    { id: '7d_oi', measure: 'plan', quota: null, lengthMs: week, scope: 'claude-fable', warnFrom: 0.75 },
  ],
  classic: [
    { id: 'requests', measure: 'requests', quota: 1000, lengthMs: 60_000, scope: null, warnFrom: 1 },
    { id: 'tokens', measure: 'tokens', quota: 540_000, lengthMs: 60_000, scope: null, warnFrom: 1 },
    { id: 'input-tokens', measure: 'input', quota: 450_000, lengthMs: 60_000, scope: null, warnFrom: 1 },
    { id: 'output-tokens', measure: 'output', quota: 90_000, lengthMs: 60_000, scope: null, warnFrom: 1 },
  ],
  none: [],
};

/** The windows of an account and what is used of them at the start. Throws on a window id that its kind does not have. */
export const openWindows = (limits: Limits, start: EpochMs): { windows: QuotaWindow[]; spent: Spent } => {
  const known = defaults[limits.kind];
  const named = { ...limits.quota, ...limits.lengthMs, ...limits.used, ...limits.elapsedMs };
  for (const id of Object.keys(named)) {
    if (!known.some((window) => window.id === id)) {
      throw new Error(`limits of kind ${limits.kind} have no window ${id}`);
    }
  }
  const windows = known.flatMap(({ quota: usual, ...window }) => {
    const quota = limits.quota?.[window.id] ?? usual;
    if (quota === null) return [];
    const lengthMs = limits.lengthMs?.[window.id] ?? window.lengthMs;
    const elapsed = limits.elapsedMs?.[window.id];
    const anchor = elapsed === undefined ? (limits.anchor ?? start) : asEpoch(start - elapsed);
    return [{ ...window, quota, lengthMs, anchor }];
  });
  const spent = new Map(
    windows.map(({ id, quota, anchor, lengthMs }) => [
      id,
      { period: Math.floor((start - anchor) / lengthMs), used: (limits.used?.[id] ?? 0) * quota },
    ]),
  );
  return { windows, spent };
};
