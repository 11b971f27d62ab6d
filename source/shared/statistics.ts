// What is counted of finished requests, as it is told: plain data, for JSON, the control socket and the screen.

/** By what requests can be told apart. */
export const statsDimensions = ['account', 'model', 'client', 'session', 'day', 'hour'] as const;
export type StatsBy = (typeof statsDimensions)[number];

/** What can be summed up of requests. A sum to which nobody told anything is null, and never 0. */
export type StatsSums = {
  requests: number;
  /** Requests whose outcome is not `ok`. */
  errors: number;
  /** Attempts beyond the first of each request. */
  retries: number;
  /** Requests that one account failed and another one served. */
  failedOver: number;
  inputTokens: number | null;
  outputTokens: number | null;
  cacheReadTokens: number | null;
  cacheWriteTokens: number | null;
  /** Money: of accounts that are paid by the token. */
  costUsd: number | null;
  /** What the others would have cost by list prices, those among them of which nobody knows how they are paid. */
  listValueUsd: number | null;
  /** Requests with tokens whose price is not known: in neither sum. */
  unpricedRequests: number;
  /** What the tokens that came out of caches would have cost more as input: in money, and by list prices of the others. */
  cacheSavedUsd: number | null;
  cacheSavedListValueUsd: number | null;
};

/** What is unknown is null, never 0. Times in ms, quantiles within 2 %. */
export type StatsFigures = StatsSums & {
  /** Share of the input that came out of a cache, 0..1. */
  cacheHitRate: number | null;
  /** Of the requests that ended well. */
  firstByteP50Ms: number | null;
  firstByteP95Ms: number | null;
  totalP50Ms: number | null;
  totalP95Ms: number | null;
  /** While answers streamed. */
  tokensPerSecond: number | null;
};

/** `key` null = not known, such as the account of a request that none has served. */
export type StatsRow = { key: string | null } & StatsFigures;

/** What a bar of time is drawn of. */
export type StatsSlot = Pick<
  StatsFigures,
  'requests' | 'errors' | 'inputTokens' | 'outputTokens' | 'costUsd' | 'listValueUsd' | 'cacheHitRate'
>;

/** A row with what it came to in each slot; null where others may have found its place. */
export type StatsSeriesRow = StatsRow & { slots: readonly (StatsSlot | null)[] };

/** Slots follow each other from `since` (epoch ms) on, each `slotMs` long and at a whole multiple of it. */
export type StatsQuestion = { since: number; slotMs: number; slots: number };

/** The most slots that may be asked for, and the longest and shortest one, in ms. */
export const slotBounds = { most: 120, shortestMs: 10_000, longestMs: 7 * 86_400_000 };

/** What the statistics of a screen show of one range. Slots follow each other from `since` on, each `slotMs` long. */
export type Statistics = {
  since: number;
  slotMs: number;
  slots: readonly StatsFigures[];
  /** Those with the most requests, and all the others as one. */
  accounts: readonly StatsSeriesRow[];
  otherAccounts: StatsFigures | null;
  models: readonly StatsSeriesRow[];
  otherModels: StatsFigures | null;
  total: StatsFigures;
  /** Why it is less than everything, in words; null when it is not. */
  note: string | null;
};
