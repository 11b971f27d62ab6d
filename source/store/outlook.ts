import type { WindowForecasts } from '../shared/forecast.ts';
import type { AccountView, EpochMs } from '../shared/types.ts';
import { keptForecast } from './kept-forecast.ts';
import type { Use } from './trends.ts';

/** What is forecast of an account's windows, up to its caps; a window of which too little is known is absent. */
export const forecastsOf = (
  { id, caps, windows }: Pick<AccountView, 'id' | 'caps' | 'windows'>,
  { trends }: Use,
  now: EpochMs,
): WindowForecasts => {
  const forecasts: Record<string, WindowForecasts[string]> = {};
  for (const trend of trends) {
    if (trend.account !== id) continue;
    const isThere = windows.some(({ id: window, scope }) => window === trend.window && scope === trend.scope);
    const found = isThere ? keptForecast(trend, now, caps?.[trend.window]) : null;
    if (found !== null) forecasts[trend.window] = found;
  }
  return forecasts;
};

/** The accounts, each with what is forecast of its windows; one of which nothing is, as it is. */
export const withForecasts = (accounts: readonly AccountView[], use: Use, now: EpochMs): AccountView[] =>
  accounts.map((view) => {
    const forecast = forecastsOf(view, use, now);
    return Object.keys(forecast).length === 0 ? view : { ...view, forecast };
  });
