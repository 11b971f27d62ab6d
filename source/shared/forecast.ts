import type { EpochMs } from './types.ts';

/** When a quota window will be used up if it goes on as it did. */
export type WindowForecast = {
  /** When nothing will be left of it (or of its cap), if that is before its reset; null = it lasts until then. */
  emptyAt: EpochMs | null;
  /** How much of it is used in an hour now, as a share of the window. */
  perHour: number;
};

/** The same of all accounts together. */
export type PoolForecast = {
  /** When no account will be left that can serve; null = somebody can as long as was looked ahead. */
  dryAt: EpochMs | null;
  /** How far was looked ahead. */
  until: EpochMs;
};

/** What is forecast of the windows of an account, by the window's id; one of which too little is known is absent. */
export type WindowForecasts = Readonly<Record<string, WindowForecast>>;
