import { compactCount, elapsed } from '../../shared/duration.ts';
import type { StatsFigures, StatsSlot } from '../../shared/statistics.ts';
import { wholePercent } from '../../shared/whole-percent.ts';
import { sparkline } from '../panes/rate.ts';
import type { Theme } from '../theme.ts';

// What the statistics say of the requests of some time, in words and as bars.

export const count = (value: number | null): string => (value === null ? '—' : compactCount(value));
export const share = (value: number | null): string => (value === null ? '—' : `${wholePercent(value)}%`);
export const usd = (value: number | null): string => (value === null ? '—' : `${value.toFixed(2)} USD`);
export const time = (value: number | null): string => (value === null ? '—' : elapsed(value));

export const inAndOut = ({ inputTokens, outputTokens }: StatsSlot): number | null =>
  inputTokens === null && outputTokens === null ? null : (inputTokens ?? 0) + (outputTokens ?? 0);

/** Of a time without requests nothing else can have happened, either: what nobody told then is 0, and has the base line. */
const quiet = ({ requests }: StatsSlot, value: number | null): number | null =>
  value ?? (requests === 0 ? 0 : null);

/** What bars are drawn of, and how it is called and said. */
export type Measure = {
  label: string;
  says(total: StatsFigures): string;
  bar(slot: StatsSlot): number | null;
  /** The value of the highest bar; null = the largest there is. */
  full: number | null;
  /** Whether it is worth a line; it is where nothing is said. */
  isNeeded?(total: StatsFigures): boolean;
};

const requestsMeasure: Measure = {
  label: 'requests',
  says: (total) => count(total.requests),
  bar: (slot) => slot.requests,
  full: null,
};

const measures: readonly Measure[] = [
  requestsMeasure,
  // Those that their client gave up are among them, as in `stats --json`: the errors of the header are fewer.
  { label: 'not ok', says: (total) => count(total.errors), bar: (slot) => slot.errors, full: null },
  {
    label: 'tokens',
    says: ({ inputTokens, outputTokens }) => `${count(inputTokens)} in, ${count(outputTokens)} out`,
    bar: (slot) => quiet(slot, inAndOut(slot)),
    full: null,
  },
  {
    label: 'cost',
    says: (total) => usd(total.costUsd),
    bar: (slot) => quiet(slot, slot.costUsd),
    full: null,
    isNeeded: ({ costUsd, listValueUsd }) => costUsd !== null || listValueUsd === null,
  },
  {
    label: 'list value',
    says: (total) => usd(total.listValueUsd),
    bar: (slot) => quiet(slot, slot.listValueUsd),
    full: null,
    isNeeded: ({ listValueUsd }) => listValueUsd !== null,
  },
  {
    label: 'cache hits',
    says: (total) => share(total.cacheHitRate),
    bar: (slot) => slot.cacheHitRate,
    full: 1,
  },
];

/** What there is something to say of, in the order in which it stands. */
export const measuresOf = (total: StatsFigures): readonly Measure[] =>
  measures.filter(({ isNeeded }) => isNeeded?.(total) ?? true);

/** The one of that name, or the first one where it has nothing to say. */
export const measureOf = (total: StatsFigures, label: string): Measure => {
  const needed = measuresOf(total);
  return needed.find((measure) => measure.label === label) ?? needed[0] ?? requestsMeasure;
};

/** At most `width` values: the largest of some neighbours stands for them. */
const squeezed = (values: readonly (number | null)[], width: number): (number | null)[] => {
  const each = Math.ceil(values.length / Math.max(1, width));
  if (each <= 1) return [...values];
  return Array.from({ length: Math.ceil(values.length / each) }, (_, index) => {
    const some = values.slice(index * each, (index + 1) * each).filter((value) => value !== null);
    return some.length === 0 ? null : Math.max(...some);
  });
};

/** Fine enough for the bars, however small the values are. */
const fine = 1000;

/** A bar for each slot, for some neighbours together where `width` is less than there are; blank where nobody knows. */
export const bars = (
  theme: Theme,
  { bar, full }: Measure,
  slots: readonly (StatsSlot | null)[],
  width: number,
): string => {
  const values = squeezed(
    slots.map((slot) => (slot === null ? null : bar(slot))),
    width,
  );
  const most = full ?? Math.max(0, ...values.map((value) => value ?? 0));
  const scaled = values.map((value) => (value === null ? null : most > 0 ? (value / most) * fine : 0));
  // The scale of `sparkline` is the largest value: where that is not the highest bar, one is set behind it.
  const drawn = sparkline([...scaled, fine], theme.sparks);
  return drawn.slice(0, scaled.length);
};
