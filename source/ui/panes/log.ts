import { sanitize } from '../../shared/sanitize.ts';
import type { LogLine } from '../../store/state.ts';
import { padLines, wrap } from '../fit.ts';
import type { Layout } from '../layout.ts';
import { cell, line, spacer, titleLine } from '../line.ts';
import { logWindow } from '../log-window.ts';
import type { Theme, Tone } from '../theme.ts';
import type { FrameInput } from '../view.ts';
import { noticeLine } from './footer.ts';
import { timeOfDay } from './request-texts.ts';

const tones: Readonly<Record<LogLine['level'], Tone>> = { info: 'plain', warning: 'warning', error: 'bad' };

const sentence = ({ level, text }: LogLine): string =>
  (level === 'info' ? '' : `${level}: `) + sanitize(text, 400);

/** Select mark, time, and the gaps behind both. */
const before = 12;

const textsOf = (theme: Theme, entry: LogLine, columns: number): string[] => {
  const lines = wrap(theme.text(sentence(entry)), Math.max(1, columns - before));
  return lines.length === 0 ? [''] : lines;
};

/** How many lines a sentence takes. */
export const logHeight = (theme: Theme, entry: LogLine, columns: number): number =>
  textsOf(theme, entry, columns).length;

/** One log sentence with its time, and its level unless that is info, in as many lines as it needs. */
export const logLines = (theme: Theme, entry: LogLine, columns: number, selected = false): string[] =>
  textsOf(theme, entry, columns).map((text, index) => {
    const first = index === 0;
    const cells = [
      cell(selected && first ? theme.glyphs.select : ' ', 'accent'),
      cell(first ? timeOfDay(entry.at) : ' '.repeat(8), 'faint'),
      spacer,
      { text, width: Math.max(0, columns - before), tone: tones[entry.level] },
    ];
    return line(theme, cells, columns, selected);
  });

/** The newest sentence alone, with hours and minutes; empty when there is none. */
export const newestLogLine = (theme: Theme, log: readonly LogLine[], columns: number): string => {
  const entry = log.at(-1);
  if (entry === undefined) return '';
  const time = timeOfDay(entry.at).slice(0, 5);
  const text = { text: sentence(entry), width: columns, tone: tones[entry.level] };
  return line(theme, [cell(''), cell(time, 'faint'), text], columns);
};

/** The pane with the log, newest last, or its one line. A notice stands in place of the newest sentence. */
export const logPane = ({ state, view, theme, notice }: FrameInput, layout: Layout): readonly string[] => {
  const { columns } = layout;
  const noticed = notice === null ? [] : [noticeLine(theme, notice, columns)];
  if (layout.logLine) return notice === null ? [newestLogLine(theme, state.log, columns)] : noticed;
  const height = layout.log - noticed.length;
  const focused = view.pane === 'log';
  const linesOf = (entry: LogLine): number => logHeight(theme, entry, columns);
  const { start, selected, following, below } = logWindow(view.log, state.log, { height, linesOf });
  const lines = state.log
    .slice(start, start + height)
    .flatMap((entry, index) => logLines(theme, entry, columns, focused && start + index === selected));
  const title = {
    title: '3 Log',
    note: following ? 'L hides' : `PAUSED ${theme.glyphs.dot} ${below} below`,
    focused,
  };
  return [
    ...(layout.titles ? [titleLine(theme, title, columns)] : []),
    ...padLines(lines, height),
    ...noticed,
  ];
};
