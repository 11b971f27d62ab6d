import { asEpoch, type LimitWindow } from '../../source/shared/types.ts';
import { withWindows, type Trend } from '../../source/store/trends.ts';
import { accountId } from './samples.ts';

export const minute = 60_000;
export const hour = 60 * minute;
/** When the windows of these samples began. */
export const begun = Date.parse('2026-11-20T10:00:00Z');

export const windowAt = (
  at: number,
  used: number | null,
  fields: Partial<LimitWindow> = {},
): LimitWindow => ({
  id: '5h',
  scope: null,
  utilization: used,
  status: 'allowed',
  resetsAt: asEpoch(begun + 5 * hour),
  source: 'header',
  seenAt: asEpoch(at),
  ...fields,
});

/** What a server that rounds to hundredths tells every `everyMs` of a window that is used so. */
export const trendOf = (
  usedAt: (ms: number) => number,
  { from, to, everyMs = minute }: { from: number; to: number; everyMs?: number },
  fields: Partial<LimitWindow> = {},
): Trend => {
  let trends: readonly Trend[] = [];
  for (let at = from; at <= to; at += everyMs) {
    const used = Math.floor(usedAt(at) * 100 + 1e-9) / 100;
    trends = withWindows(trends, accountId('work'), [windowAt(begun + at, used, fields)], 0);
  }
  const [trend] = trends;
  if (trend === undefined) throw new Error('no trend');
  return trend;
};
