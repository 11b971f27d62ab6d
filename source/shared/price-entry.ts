/** What a model costs, in USD per million tokens, as the list of prices and the setting `prices` say it. */
export type PriceEntry = {
  /** The model's name, without the date that some names end with. */
  model: string;
  /** The first day (UTC, `2026-10-07`) on which it costs this; absent = it always did. */
  from?: string;
  /** For requests whose whole prompt, cached tokens included, is longer than so many tokens; absent = for all. */
  above?: number;
  input: number;
  output: number;
  /** Of tokens that were written to the cache for five minutes and for an hour, and read from it; absent = not known. */
  cacheWrite5m?: number;
  cacheWrite1h?: number;
  cacheRead?: number;
};
