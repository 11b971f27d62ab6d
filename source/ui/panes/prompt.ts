import { displayWidth } from '../../shared/display-width.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { LayoutKind } from '../layout.ts';
import { line, shorten, type Cell } from '../line.ts';
import type { PromptLook } from '../prompt.ts';
import { fieldPicture } from '../text-field.ts';
import type { Theme } from '../theme.ts';

type Room = { kind: LayoutKind; columns: number };

/** The problem with a mark under its column: in front of the mark where there is more room, cut where there is none. */
const problemLine = (theme: Theme, message: string, column: number, columns: number): string => {
  const whole = theme.text(sanitize(message, 200));
  const [before, after] = [column - 1, columns - column - 2];
  const isAfter = displayWidth(whole) <= after || after >= before;
  const words = shorten(theme, whole, Math.max(0, isAfter ? after : before));
  const start = isAfter ? column : column - 1 - displayWidth(words);
  return ' '.repeat(start) + theme.paint('bad', isAfter ? `^ ${words}`.trimEnd() : `${words} ^`);
};

/** As many candidates as have room, the one that was taken among them. */
const candidateLine = (theme: Theme, { candidates, taken }: PromptLook, columns: number): string => {
  const cells = candidates.map(({ shown }, index): Cell => {
    const text = sanitize(shown, 60);
    const marked = index === taken ? `${theme.glyphs.select}${text}` : ` ${text}`;
    return { text: marked, width: displayWidth(marked), tone: index === taken ? 'strong' : 'faint' };
  });
  let start = 0;
  const widthTo = (end: number): number =>
    cells.slice(start, end + 1).reduce((sum, { width }) => sum + width + 1, 0);
  while (start < taken && widthTo(taken) > columns) start += 1;
  return line(theme, cells.slice(start), columns);
};

/** What is typed and, below it, what is said of it: a problem at its column, candidates, or a hint. */
export const promptLines = (theme: Theme, look: PromptLook, { kind, columns }: Room): [string, string] => {
  const margin = kind === 'tiny' ? 0 : 1;
  const label = theme.text(look.label);
  const start = margin + displayWidth(label);
  const picture = fieldPicture(theme, look.field, Math.max(4, columns - start));
  const typed = ' '.repeat(margin) + theme.paint('strong', label) + picture.text;
  const { problem, candidates, hint } = look;
  if (problem !== null) {
    const column = Math.min(start + picture.columnOf(problem.column - 1), columns - 1);
    return [typed, problemLine(theme, problem.message, column, columns)];
  }
  if (candidates.length > 0) return [typed, candidateLine(theme, look, columns)];
  const said = shorten(theme, sanitize(hint, 200), columns - margin);
  return [typed, ' '.repeat(margin) + theme.paint('faint', said)];
};
