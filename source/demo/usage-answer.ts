import { errorAnswer, jsonAnswer, type Answer } from './error-answers.ts';
import type { OverageTruth } from './limit-headers.ts';
import type { WindowTruth } from './quota.ts';

/** The field of each window, where it has one. */
const fields: Readonly<Record<string, string>> = {
  '5h': 'five_hour',
  '7d': 'seven_day',
  '7d_opus': 'seven_day_opus',
};

/** GET /api/oauth/usage: the windows of a plan, in per cent; 404 for an account without one. */
export const usageAnswer = (
  windows: readonly WindowTruth[],
  overage: OverageTruth | null,
  requestId: string,
): Answer => {
  const told = windows.flatMap(({ id, utilization, resetsAt }) => {
    const field = fields[id];
    const resets_at = new Date(resetsAt).toISOString();
    return field === undefined
      ? []
      : [[field, { utilization: Math.round(utilization * 1000) / 10, resets_at }] as const];
  });
  if (told.length === 0) return errorAnswer(404, 'Not found', requestId);
  const extra_usage = {
    is_enabled: overage !== null,
    utilization: overage === null ? null : overage.utilization * 100,
  };
  return jsonAnswer(200, { ...Object.fromEntries(told), extra_usage });
};
