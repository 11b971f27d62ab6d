import { wholePercent } from '../../shared/whole-percent.ts';
import type { Glyphs } from '../theme.ts';

/**
 * A bar of `width` cells for a share from 0 to 1. Anything used fills a cell, and only a spent window fills all of
 * them. An unknown share (null) has no bar: an empty one would say that nothing is used.
 */
export const gauge = (share: number | null, width: number, glyphs: Glyphs): string => {
  if (share === null || width < 1) return ' '.repeat(Math.max(0, width));
  const used = Math.max(0, Math.min(share, 1));
  let on = Math.round(used * width);
  if (used > 0) on = Math.max(on, 1);
  if (used < 1) on = Math.min(on, width - 1);
  on = Math.max(on, 0);
  return glyphs.barOn.repeat(on) + glyphs.barOff.repeat(width - on);
};

/**
 * A share in at most four characters: `68%`, `—` when unknown. Rounded down, so that 100% means spent: 99.6 % is `99%`.
 * `0%` means nothing; less than one per cent is `<1%`. Ten times as much as there is and more is `10x+`.
 */
export const percent = (share: number | null): string => {
  if (share === null || Number.isNaN(share)) return '—';
  if (share <= 0) return '0%';
  if (share < 0.01) return '<1%';
  if (share >= 10) return '10x+';
  return `${wholePercent(share)}%`;
};
