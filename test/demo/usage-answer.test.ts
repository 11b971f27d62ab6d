import { expect, test } from 'vitest';
import { readUsage } from '../../source/balancer/usage.ts';
import type { WindowTruth } from '../../source/demo/quota.ts';
import { usageAnswer } from '../../source/demo/usage-answer.ts';
import { asEpoch } from '../../source/shared/types.ts';

const now = asEpoch(1_795_330_800_000);
const later = asEpoch(now + 3_600_000);
const truth = (id: string, utilization: number): WindowTruth => ({
  id,
  scope: null,
  used: utilization,
  quota: 1,
  utilization,
  status: 'allowed',
  resetsAt: later,
});
const windows = [truth('5h', 0.425), truth('7d', 0.71), truth('7d_opus', 0.57)];

test('the windows of a plan are told so that the program understands all of them', () => {
  const { status, body } = usageAnswer(windows, { utilization: 0.2, resetsAt: later }, 'req_1');
  expect(status).toBe(200);
  expect(readUsage(JSON.parse(body), now)).toMatchObject([
    { id: '5h', scope: null, utilization: 0.425, resetsAt: later, source: 'usage' },
    { id: '7d', scope: null, utilization: 0.71, resetsAt: later },
    { id: '7d_opus', scope: 'opus', utilization: 0.57, resetsAt: later },
    { id: 'overage', utilization: 0.2, resetsAt: null },
  ]);
});

test('overage that is switched off is not told of, and an account without a plan is unknown', () => {
  const { body } = usageAnswer(windows, null, 'req_1');
  expect(readUsage(JSON.parse(body), now)).toHaveLength(3);
  expect(usageAnswer([truth('requests', 0.5)], null, 'req_1').status).toBe(404);
});
