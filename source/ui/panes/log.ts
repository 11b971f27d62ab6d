import { clockTime, timeOfDay } from '../../shared/local-time.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { LogLine } from '../../store/state.ts';
import { fit, padLines, wrap } from '../fit.ts';
import { standardKeys, withKey } from '../keymap.ts';
import type { Layout } from '../layout.ts';
import { cell, line, paneTitle } from '../line.ts';
import { logWindow } from '../log-window.ts';
import type { Theme, Tone } from '../theme.ts';
import { hasKeys, type FrameInput } from '../view.ts';
import { noticeLine } from './footer.ts';

const tones: Readonly<Record<LogLine['level'], Tone>> = { info: 'plain', warning: 'warning', error: 'bad' };

const sentence = ({ text }: LogLine): string => sanitize(text, 400);

/** What a level looks like without colour; nothing for information. */
const markOf = ({ glyphs }: Theme, { level }: LogLine): string =>
  level === 'info' ? '' : level === 'warning' ? '!' : glyphs.cross;

/** Mark of the selection, time, mark of the level, and the gaps behind them. */
const before = 13;

/** The sentence in lines; without room for all of them the last one says that it goes on. */
const textsOf = (theme: Theme, entry: LogLine, columns: number, most = Infinity): string[] => {
  const width = Math.max(1, columns - before);
  const lines = wrap(theme.text(sentence(entry)), width);
  if (lines.length === 0) return [''];
  if (lines.length <= most) return lines;
  const [last = '', next = ''] = lines.slice(most - 1);
  return [...lines.slice(0, most - 1), fit(`${last} ${next}`, width, 'left', theme.glyphs.more)];
};

/** How many lines a sentence takes. */
export const logHeight = (theme: Theme, entry: LogLine, columns: number): number =>
  textsOf(theme, entry, columns).length;

type Drawn = { selected?: boolean; most?: number };

/** One log sentence with its time and the mark of its level, in as many lines as it needs, `most` at most. */
export const logLines = (
  theme: Theme,
  entry: LogLine,
  columns: number,
  { selected = false, most = Infinity }: Drawn = {},
): string[] =>
  textsOf(theme, entry, columns, most).map((text, index) => {
    const first = index === 0;
    const cells = [
      cell(selected && first ? theme.glyphs.select : ' ', 'accent'),
      cell(first ? timeOfDay(entry.at) : ' '.repeat(8), 'faint'),
      { text: first ? markOf(theme, entry) : '', width: 1, tone: tones[entry.level] },
      { text, width: Math.max(0, columns - before), tone: tones[entry.level] },
    ];
    return line(theme, cells, columns, selected);
  });

/** The newest sentence alone, with hours and minutes; empty when there is none. */
export const newestLogLine = (theme: Theme, log: readonly LogLine[], columns: number): string => {
  const entry = log.at(-1);
  if (entry === undefined) return '';
  const tone = tones[entry.level];
  const mark = markOf(theme, entry);
  const text = { text: sentence(entry), width: columns, tone };
  return line(
    theme,
    [cell(''), cell(clockTime(entry.at), 'faint'), ...(mark === '' ? [] : [cell(mark, tone)]), text],
    columns,
  );
};

/** Which key puts the log away, or what came since the selected sentence and which key goes there. */
const noteOf = ({ keys = standardKeys }: FrameInput, following: boolean, below: number): string => {
  if (following) return withKey(keys, 'log.toggle', (key) => `${key} hides`);
  return `${below} below${withKey(keys, 'select.last', (key) => ` (${key})`)}`;
};

/** The pane with the log, newest last, or its one line. A notice stands in place of the newest sentence. */
export const logPane = (input: FrameInput, layout: Layout): readonly string[] => {
  const { state, view, theme, notice } = input;
  const { columns } = layout;
  const noticed = notice === null ? [] : [noticeLine(theme, notice, columns)];
  if (layout.logLine) return notice === null ? [newestLogLine(theme, state.log, columns)] : noticed;
  const height = layout.log - noticed.length;
  const focused = view.pane === 'log';
  const linesOf = (entry: LogLine): number => logHeight(theme, entry, columns);
  const { start, selected, following, below } = logWindow(view.log, state.log, { height, linesOf });
  const lines = state.log
    .slice(start, start + height)
    .flatMap((entry, index) =>
      logLines(theme, entry, columns, { selected: focused && start + index === selected }),
    );
  // Where the sentence before has no room, its beginning is worth more than an empty line.
  const free = height - lines.length;
  const earlier = state.log[start - 1];
  const above = free > 0 && earlier !== undefined ? logLines(theme, earlier, columns, { most: free }) : [];
  const title = {
    title: '3 Log',
    note: noteOf(input, following, below),
    focused: hasKeys(input, 'log'),
  };
  return [
    ...(layout.titles ? [paneTitle(theme, title, columns)] : []),
    ...padLines([...above, ...lines], height),
    ...noticed,
  ];
};
