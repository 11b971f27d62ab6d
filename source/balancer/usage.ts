import { isRecord } from '../shared/is-record.ts';
import { asEpoch, type EpochMs, type LimitWindow } from '../shared/types.ts';
import type { AccountRuntime } from './account-state.ts';
import { latestReset, scopedWeek } from './limits.ts';
import { maxKept } from './rests.ts';
import { withAsked } from './window-news.ts';

// What the usage endpoint of a Claude login says, as windows under the names that the headers of answers use. Two shapes are
// about, often together: a field for each window (`five_hour`), and since 2026 a list `limits`. Shares are in per cent.

type Place = Pick<LimitWindow, 'id' | 'scope'>;

/** The word by which a model's name tells its family: `opus` of `Claude Opus 5`; null when there is none. */
const familyOf = (name: unknown): string | null => {
  if (typeof name !== 'string') return null;
  return /[a-z]+/.exec(name.toLowerCase().replace(/^claude\W*/, ''))?.[0] ?? null;
};

const weekOf = (family: string | null): Place | null =>
  family === null ? null : { id: scopedWeek(family), scope: family };

/** The window of a field such as `seven_day_opus`; null for one that is none of ours, such as that of other apps. */
const placeOfField = (field: string): Place | null => {
  if (field === 'five_hour') return { id: '5h', scope: null };
  if (field === 'seven_day') return { id: '7d', scope: null };
  const [, word = null] = /^seven_day_([a-z]+)$/.exec(field) ?? [];
  return weekOf(word);
};

const placeOfLimit = (limit: Readonly<Record<string, unknown>>): Place | null => {
  const { kind, scope } = limit;
  if (kind === 'session') return { id: '5h', scope: null };
  if (kind === 'weekly_all') return { id: '7d', scope: null };
  if (kind !== 'weekly_scoped') return null;
  const model = isRecord(scope) ? scope['model'] : null;
  if (!isRecord(model)) return null;
  return weekOf(familyOf(model['display_name']) ?? familyOf(model['id']));
};

const share = (percent: unknown): number | null =>
  typeof percent === 'number' && Number.isFinite(percent) ? Math.max(0, percent) / 100 : null;

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Microseconds and all; null for none, for what is no time, and for one that is over. */
const reset = (text: unknown, now: EpochMs): EpochMs | null => {
  const ms = typeof text === 'string' && isoTime.test(text) ? Date.parse(text) : Number.NaN;
  return ms > now ? latestReset(asEpoch(ms), now) : null;
};

const windowOf = (place: Place | null, percent: unknown, resetsAt: unknown, now: EpochMs): LimitWindow[] => {
  const utilization = share(percent);
  if (place === null || utilization === null) return [];
  return [
    { ...place, utilization, status: null, resetsAt: reset(resetsAt, now), source: 'usage', seenAt: now },
  ];
};

/** What may be spent beyond the plan, where its owner has switched that on; the newer shape goes before the older one. */
const paid = (body: Readonly<Record<string, unknown>>, now: EpochMs): LimitWindow[] => {
  const { spend, extra_usage: extra } = body;
  const place = { id: 'overage', scope: null };
  if (isRecord(spend)) return spend['enabled'] === true ? windowOf(place, spend['percent'], null, now) : [];
  if (!isRecord(extra) || extra['is_enabled'] !== true) return [];
  return windowOf(place, extra['utilization'], null, now);
};

/** The windows in the body of an answer that was asked for at `now`. Total: what cannot be read is left out; empty for none. */
export const readUsage = (body: unknown, now: EpochMs): LimitWindow[] => {
  if (!isRecord(body)) return [];
  const windows = new Map<string, LimitWindow>();
  const { limits } = body;
  const fields = Object.entries(body).flatMap(([field, value]) =>
    isRecord(value) ? windowOf(placeOfField(field), value['utilization'], value['resets_at'], now) : [],
  );
  const listed = (Array.isArray(limits) ? (limits as unknown[]) : []).flatMap((limit) =>
    isRecord(limit) ? windowOf(placeOfLimit(limit), limit['percent'], limit['resets_at'], now) : [],
  );
  // The list is the newer shape: it goes before the fields.
  for (const window of [...fields, ...listed, ...paid(body, now)]) windows.set(window.id, window);
  return [...windows.values()].slice(0, maxKept);
};

/** Takes over windows as they were when they were asked for: what an answer has told since then is fresher and stays. */
export const usageSeen = (runtime: AccountRuntime, told: readonly LimitWindow[]): AccountRuntime => ({
  ...runtime,
  windows: withAsked(runtime.windows, told),
});
