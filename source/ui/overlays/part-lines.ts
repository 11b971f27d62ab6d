import { fit, wrap } from '../fit.ts';
import type { Theme, Tone } from '../theme.ts';

/** Columns for the names of what is said; longer ones need a width of their own, or are cut. */
export const labelWidth = 10;

/** Below this many columns what is said of something stands under its name. */
const sideBySide = 46;

/** Something and what is said of it. Both were sanitised where they came from outside. */
export type Part = { label: string; text: string; tone?: Tone; labelTone?: Tone };

/** How many columns of such a line are left for what is said. */
export const partRoom = (columns: number, width = labelWidth): number =>
  Math.max(8, columns - (columns >= sideBySide ? width + 2 : 3) - 1);

/**
 * A name and lines that are painted already, none wider than `partRoom`: the first stands beside the name where there is
 * room, the others below it. No line for none.
 */
export const paintedPart = (
  theme: Theme,
  { label, labelTone = 'faint' }: Pick<Part, 'label' | 'labelTone'>,
  painted: readonly string[],
  columns: number,
  width = labelWidth,
): string[] => {
  const [first, ...rest] = painted;
  if (first === undefined) return [];
  const beside = columns >= sideBySide;
  const blank = ' '.repeat(beside ? width + 2 : 3);
  const below = rest.map((line) => blank + line);
  const named = (room: number): string => fit(theme.text(label), room, 'left', theme.glyphs.more);
  if (beside) return [` ${theme.paint(labelTone, named(width))} ${first}`, ...below];
  return [` ${theme.paint(labelTone, named(columns - 1).trimEnd())}`, blank + first, ...below];
};

/** A name and what is said of it, in as many lines as that needs; its name alone when nothing is. */
export const partLines = (theme: Theme, part: Part, columns: number, width = labelWidth): string[] => {
  const { text, tone = 'plain' } = part;
  const lines = wrap(theme.text(text), partRoom(columns, width), theme.glyphs.more);
  const painted = (lines.length === 0 ? [''] : lines).map((line) => theme.paint(tone, line));
  return paintedPart(theme, part, painted, columns, width);
};
