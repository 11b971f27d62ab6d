import type { Glyphs } from '../theme.ts';

/**
 * A bar of `width` cells for a share from 0 to 1. Anything used fills a cell, and only a spent window fills all of
 * them; an unknown share (null) fills none.
 */
export const gauge = (share: number | null, width: number, glyphs: Glyphs): string => {
  const used = Math.max(0, Math.min(share ?? 0, 1));
  let on = Math.round(used * width);
  if (used > 0) on = Math.max(on, 1);
  if (used < 1) on = Math.min(on, width - 1);
  on = Math.max(on, 0);
  return glyphs.barOn.repeat(on) + glyphs.barOff.repeat(Math.max(0, width - on));
};

/** A share as `68%`, rounded down so that 100% means spent; `—` when unknown. */
export const percent = (share: number | null): string =>
  share === null ? '—' : `${Math.min(999, Math.floor(Math.max(0, share) * 100 + 1e-9))}%`;
