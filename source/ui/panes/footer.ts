import { sanitize } from '../../shared/sanitize.ts';
import type { LogLine } from '../../store/state.ts';
import type { KeyHint } from '../keymap.ts';
import type { LayoutKind } from '../layout.ts';
import { cell, cellsWidth, line, spacer, type Cell } from '../line.ts';
import { timeOfDay } from './request-texts.ts';
import type { Theme, Tone } from '../theme.ts';

const logTones: Readonly<Record<LogLine['level'], Tone>> = {
  info: 'faint',
  warning: 'warning',
  error: 'bad',
};

/** The newest log sentence with its time; empty when there is none. */
export const logLine = (theme: Theme, entry: LogLine | undefined, columns: number): string => {
  if (entry === undefined) return '';
  const mark = entry.level === 'info' ? '' : `${entry.level}: `;
  const text = mark + sanitize(entry.text, 400);
  return line(
    theme,
    [
      cell(''),
      cell(timeOfDay(entry.at), 'faint'),
      spacer,
      { text, width: columns, tone: logTones[entry.level] },
    ],
    columns,
  );
};

/** Something the person must see now. */
export const noticeLine = (theme: Theme, text: string, columns: number): string =>
  line(theme, [cell(''), { text: sanitize(text, 400), width: columns - 1, tone: 'warning' }], columns);

/** The keys that mean something now. Without room for all, the ones before the last two (help, quit) go first. */
export const footerLine = (
  theme: Theme,
  keys: readonly KeyHint[],
  { kind, columns }: { kind: LayoutKind; columns: number },
): string => {
  const cellsOf = (shown: readonly KeyHint[]): Cell[] => [
    ...(kind === 'tiny' ? [] : [cell('')]),
    ...shown.flatMap(({ key, text }, index): Cell[] => [
      ...(index === 0 ? [] : [spacer]),
      cell(key, 'strong'),
      cell(text, 'faint'),
    ]),
  ];
  const shown = [...keys];
  while (shown.length > 2 && cellsWidth(cellsOf(shown)) > columns) shown.splice(-3, 1);
  return line(theme, cellsOf(shown), columns);
};
