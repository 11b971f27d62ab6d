import type { StrategyName } from './types.ts';

/**
 * What decides where new work goes, and whether a conversation stays where a cache holds it; in at most 42 columns, what a
 * terminal of 60 leaves. What each does exactly stands in balancer/strategies.ts.
 */
export const strategyWords: Readonly<Record<StrategyName, string>> = {
  sticky: 'new work: most week left; caches kept',
  'sticky-simple': 'the same, blind to prefixes and lengths',
  drain: 'new work: week ends soonest; caches kept',
  spread: 'each request: least used; caches ignored',
  'round-robin': 'each request: the next; caches ignored',
  weighted: 'new work: by lot, by weight; caches kept',
  priority: 'new work: first by priority; caches kept',
  session: 'all to one account for five hours',
};
