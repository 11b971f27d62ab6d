import { expect, test } from 'vitest';
import { callLimits } from '../../source/shared/call-limit.ts';
import { asEpoch, type LimitWindow } from '../../source/shared/types.ts';

const windowOf = (id: string): LimitWindow => ({
  id,
  scope: null,
  utilization: 0.5,
  status: 'allowed',
  resetsAt: asEpoch(1000),
  source: 'header',
  seenAt: asEpoch(1),
});

test('a row keeps the first few windows that its answer told of, and none where it told of none', () => {
  expect(callLimits({ windows: [] })).toBeNull();
  expect(callLimits(null)).toBeNull();
  const many = Array.from({ length: 20 }, (_, index) => windowOf(`w${index}`));
  expect(callLimits({ windows: many })?.map(({ id }) => id)).toEqual([
    'w0',
    'w1',
    'w2',
    'w3',
    'w4',
    'w5',
    'w6',
    'w7',
  ]);
  expect(callLimits({ windows: [windowOf('5h')] })).toEqual([
    { id: '5h', scope: null, utilization: 0.5, status: 'allowed', resetsAt: 1000 },
  ]);
});
