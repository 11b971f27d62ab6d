import { asCcrError } from '../../shared/errors.ts';
import type { Statistics } from '../../shared/statistics.ts';
import type { DialogContext } from '../dialog.ts';

/** A range of time that ends now, in slots; `bar` says how long one of them is. */
export type StatsRange = { name: string; slotMs: number; slots: number; bar: string };

/** The figures of a range, or why there are none, in words. */
export type Told = Statistics | { problem: string };

export type FreshStatistics = {
  /** What was told last of that range; null when nothing was yet. */
  of(range: StatsRange): Told | null;
  /** Asks for them now, unless that is under way, and again and again while that range is the one that is looked at. */
  ask(range: StatsRange): void;
  /** Asks no more. */
  close(): void;
};

/** How long figures are shown before they are asked for again: a short part of their range. */
const freshMs = ({ slotMs, slots }: StatsRange): number =>
  Math.min(30_000, Math.max(5000, (slotMs * slots) / 720));

/** Asks the instance for statistics; nothing waits for the answer, which draws the screen again. */
export const createFreshStatistics = ({
  commander,
  changed,
}: Pick<DialogContext, 'commander' | 'changed'>): FreshStatistics => {
  const told = new Map<string, Told>();
  const underWay = new Set<StatsRange>();
  let wanted: StatsRange | null = null;
  let timer: NodeJS.Timeout | undefined;

  const tell = (range: StatsRange, answer: Told): void => {
    underWay.delete(range);
    told.set(range.name, answer);
    if (range !== wanted) return;
    clearTimeout(timer);
    timer = setTimeout(() => ask(range), freshMs(range)).unref();
    changed();
  };
  const ask = (range: StatsRange): void => {
    clearTimeout(timer);
    wanted = range;
    // A key that is held would fill the queue of the history, for one answer.
    if (underWay.has(range)) return;
    underWay.add(range);
    const { slotMs, slots } = range;
    commander.run('statistics', { slotMs, slots }).then(
      (statistics) => tell(range, statistics),
      (error: unknown) => tell(range, { problem: asCcrError(error).lines.join('; ') }),
    );
  };
  return {
    of: ({ name }) => told.get(name) ?? null,
    ask,
    close() {
      wanted = null;
      clearTimeout(timer);
    },
  };
};
