import { sanitize } from '../../shared/sanitize.ts';
import type { KeyHint } from '../keymap.ts';
import type { LayoutKind } from '../layout.ts';
import { cell, cellsWidth, line, spacer, type Cell } from '../line.ts';
import type { Theme } from '../theme.ts';

/** Something the person must see now. */
export const noticeLine = (theme: Theme, text: string, columns: number): string =>
  line(theme, [cell(''), { text: sanitize(text, 400), width: columns - 1, tone: 'warning' }], columns);

/**
 * The keys that mean something now, behind a note where there is one. Without room for all, the ones before the last two
 * (help, quit) go first; before a note is cut, those two, too.
 */
export const footerLine = (
  theme: Theme,
  keys: readonly KeyHint[],
  { kind, columns }: { kind: LayoutKind; columns: number },
  note = '',
): string => {
  const cellsOf = (shown: readonly KeyHint[]): Cell[] => [
    ...(kind === 'tiny' ? [] : [cell('')]),
    ...(note === '' ? [] : [cell(note, 'accent'), ...(shown.length > 0 ? [spacer] : [])]),
    ...shown.flatMap(({ key, text }, index): Cell[] => [
      ...(index === 0 ? [] : [spacer]),
      cell(key, 'strong'),
      cell(text, 'faint'),
    ]),
  ];
  const shown = [...keys];
  const fits = (): boolean => cellsWidth(cellsOf(shown)) <= columns;
  while (shown.length > 2 && !fits()) shown.splice(-3, 1);
  const fewest = note === '' ? 2 : 0;
  while (shown.length > fewest && !fits()) shown.pop();
  return line(theme, cellsOf(shown), columns);
};
