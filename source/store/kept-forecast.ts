import type { WindowForecast } from '../shared/forecast.ts';
import { asEpoch, type EpochMs } from '../shared/types.ts';
import { forecastOf } from './forecast.ts';
import type { Trend } from './trends.ts';

// A screen asks for every forecast many times a second, for each of its frames. No forecast is as fine as a second.

const secondMs = 1000;

/** The second that has not ended yet: nothing that was seen is later than it. */
export const wholeSecond = (now: EpochMs): EpochMs => asEpoch(Math.ceil(now / secondMs) * secondMs);

type Kept = { at: EpochMs; ceiling: number; forecast: WindowForecast | null };

const kept = new WeakMap<Trend, Kept>();

/** The same as `forecastOf`, reckoned at most once in a second for a trend to which nothing was added meanwhile. */
export const keptForecast = (trend: Trend, now: EpochMs, ceiling = 1): WindowForecast | null => {
  const at = wholeSecond(now);
  const known = kept.get(trend);
  if (known?.at === at && known.ceiling === ceiling) return known.forecast;
  const forecast = forecastOf(trend, at, ceiling);
  kept.set(trend, { at, ceiling, forecast });
  return forecast;
};
