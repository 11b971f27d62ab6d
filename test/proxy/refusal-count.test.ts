import { expect, test } from 'vitest';
import { countRefusals } from '../../source/proxy/refusal-count.ts';

const counted = () => {
  const lines: string[] = [];
  return { lines, ...countRefusals((level, text) => lines.push(`${level}: ${text}`)) };
};

test('a thousand refusals make one line, with their number and the latest reason', () => {
  const { lines, add, report } = counted();
  for (let n = 0; n < 999; n += 1) add('host_refused');
  add('origin_refused');
  expect(lines).toEqual([]);
  report();
  expect(lines).toEqual(['warning: refused 1000 requests at the gate (origin_refused)']);
});

test('none makes no line, and what was told is not told again', () => {
  const { lines, add, report } = counted();
  report();
  expect(lines).toEqual([]);
  add('host_refused');
  report();
  report();
  add('host_refused');
  report();
  expect(lines).toEqual(
    Array.from({ length: 2 }, () => 'warning: refused 1 request at the gate (host_refused)'),
  );
});
