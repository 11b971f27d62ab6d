import { isSameReset } from '../shared/limit-window.ts';
import type { AccountView, EpochMs, LimitWindow } from '../shared/types.ts';

// Servers tell the same reset in other words with every answer, a second or some more away. A countdown that jumps up
// and down with them is one that nobody believes.

/**
 * The moment to count down to after what was told of it: the one that is counted to already, as long as that has not
 * come and the new one is less than a minute behind it. An earlier one always counts, and one that comes after an
 * unknown one; null = unknown.
 */
export const steadyMoment = (known: EpochMs | null, told: EpochMs | null, at: EpochMs): EpochMs | null =>
  known !== null && told !== null && known > at && told > known && isSameReset(known, told) ? known : told;

const isSame = (a: LimitWindow, b: LimitWindow): boolean => a.id === b.id && a.scope === b.scope;

/** The windows that were told, each with the reset that its countdown goes on to; those without news as they are. */
export const steadyWindows = (
  known: readonly LimitWindow[],
  told: readonly LimitWindow[],
): readonly LimitWindow[] =>
  told.map((window) => {
    const old = known.find((each) => isSame(each, window));
    const resetsAt = steadyMoment(old?.resetsAt ?? null, window.resetsAt, window.seenAt);
    return resetsAt === window.resetsAt ? window : { ...window, resetsAt };
  });

/**
 * The account as it was told, with the resets that its countdowns go on to. Of when it serves again only while a limit
 * keeps it: that is the reset of a window, while any other rest may really begin anew for some seconds more.
 */
export const steadyAccount = (
  known: AccountView | undefined,
  told: AccountView,
  at: EpochMs,
): AccountView => {
  if (known === undefined) return told;
  const stays = known.state === 'limited' && told.state === 'limited';
  const availableAt = stays ? steadyMoment(known.availableAt, told.availableAt, at) : told.availableAt;
  const windows = steadyWindows(known.windows, told.windows);
  const isSteady = availableAt === told.availableAt && windows.every((each, at) => each === told.windows[at]);
  return isSteady ? told : { ...told, availableAt, windows: [...windows] };
};
