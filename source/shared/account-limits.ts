import type { AccountView, OveragePolicy } from './types.ts';

/** A cap in per cent as its owner has given it, to three decimals: it is exact, unlike what is told of a window. */
export const capPercent = (share: number): number => Number((share * 100).toFixed(3));

/** In words what is more or less than `allow`. */
export const overageWords = (overage: OveragePolicy): string =>
  typeof overage === 'number' ? `overage up to ${capPercent(overage)}%` : 'no paid overage';

type Told = Pick<AccountView, 'caps' | 'models' | 'overage' | 'concurrent' | 'onOverage'>;

/**
 * What its owner keeps an account from, in words, behind what it costs him now: `cap 5h 80%`, `4 at once`,
 * `claude-haiku-* only`; empty for nothing.
 */
export const restrictionText = ({
  caps = {},
  models,
  overage = 'allow',
  concurrent,
  onOverage,
}: Told): string =>
  [
    ...(onOverage ? ['serves from paid overage'] : []),
    ...(overage === 'allow' ? [] : [overageWords(overage)]),
    ...Object.entries(caps).map(([window, share]) => `cap ${window} ${capPercent(share)}%`),
    ...(concurrent === undefined ? [] : [`${concurrent} at once`]),
    ...(models === undefined ? [] : [`${models.join(', ')} only`]),
  ].join('; ');
