import { expect, test } from 'vitest';
import { asEpoch } from '../../source/shared/types.ts';
import { forecastsOf, withForecasts } from '../../source/store/outlook.ts';
import { noUse } from '../../source/store/trends.ts';
import { accountView } from './samples.ts';
import { begun, hour, minute, trendOf, windowAt } from './trend-samples.ts';

const now = asEpoch(begun + hour);
const use = {
  ...noUse,
  trends: [
    trendOf((ms) => (0.4 * ms) / hour, { from: 0, to: hour }),
    trendOf((ms) => (0.01 * ms) / hour, { from: 0, to: minute }, { id: '7d' }),
  ],
};
const windows = [windowAt(now, 0.4), windowAt(now, 0.01, { id: '7d' })];

test('each window of an account has its forecast, and none of which too little is known', () => {
  expect(forecastsOf(accountView('work', { windows }), use, now)).toEqual({
    '5h': { emptyAt: expect.any(Number), perHour: expect.closeTo(0.4, 1) },
  });
  const [work, home] = [accountView('work', { windows }), accountView('home', { windows })];
  const [known, unknown] = withForecasts([work, home], use, now);
  expect(known?.forecast).toEqual(forecastsOf(work, use, now));
  expect(unknown).toBe(home);
});

test('a cap is where it ends, and a window that is there no more has none', () => {
  const capped = forecastsOf(accountView('work', { windows, caps: { '5h': 0.5 } }), use, now);
  expect(capped['5h']?.emptyAt).toBeLessThan(now + 20 * minute);
  expect(forecastsOf(accountView('work', { windows: [] }), use, now)).toEqual({});
});
