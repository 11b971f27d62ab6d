import { displayWidth } from '../../shared/display-width.ts';
import type { EpochMs } from '../../shared/types.ts';
import type { RequestRow } from '../../store/state.ts';
import { line, numberCell, spacer, type Cell } from '../line.ts';
import { passedOver } from '../request-window.ts';
import type { Theme } from '../theme.ts';
import { fittedWidth, type Fitted } from './columns.ts';
import type { RequestColumn } from './request-columns.ts';
import { attemptTexts, ownTexts, type RequestTexts } from './request-texts.ts';

type Place = { columns: readonly Fitted<RequestColumn>[]; width: number };

type Draw = (texts: RequestTexts, width: number, noted: boolean) => Cell;

/** The status with the window that was spent, as far as it fits. */
const statusText = ({ status, window }: RequestTexts, width: number): string => {
  const whole = window === '' ? status : `${status} ${window}`;
  return displayWidth(whole) <= width ? whole : status;
};

/** What stands in each column. `noted`: there is a column for the note. */
const draws: Readonly<Record<RequestColumn, Draw>> = {
  time: ({ time }, width) => ({ text: time, width, tone: 'faint' }),
  account: ({ account }, width) => ({ text: account, width }),
  status: (texts, width) => ({ text: statusText(texts, width), width, tone: texts.tone }),
  // Where the attempt went on is worth more than a model that the next line tells again.
  model: ({ model, note }, width, noted) => ({
    text: !noted && note.startsWith('-> ') ? note : model,
    width,
  }),
  wait: ({ wait }, width) => numberCell(wait, width),
  first: ({ first }, width) => numberCell(first, width),
  total: ({ total }, width) => numberCell(total, width),
  in: ({ input }, width) => numberCell(input, width),
  out: ({ output }, width) => numberCell(output, width),
  cache: ({ cache }, width) => numberCell(cache, width),
  client: ({ client }, width) => ({ text: client, width }),
  project: ({ project }, width) => ({ text: project, width }),
  cost: ({ cost }, width) => numberCell(cost, width),
  list: ({ list }, width) => numberCell(list, width),
  note: ({ note, brief }, width) => ({
    text: displayWidth(note) <= width ? note : brief,
    width,
    tone: 'faint',
  }),
};

/** Counts that stand right of the total; where none of them is known, an error has their room too. */
const counts: ReadonlySet<RequestColumn> = new Set(['in', 'out', 'cache']);

const withLongNote = (texts: RequestTexts, columns: Place['columns']): Place['columns'] => {
  const note = columns.find(({ id }) => id === 'note');
  const { input, output, cache } = texts;
  if (note === undefined || displayWidth(texts.note) <= note.width) return columns;
  if (texts.note !== texts.brief || [input, output, cache].some((text) => text !== '—')) return columns;
  const kept = columns.filter(({ id }) => !counts.has(id) && id !== 'note');
  // What stands between them and the note would lose its place.
  if (kept.some((column) => columns.indexOf(column) >= kept.length)) return columns;
  return [...kept, { ...note, width: fittedWidth(columns) - fittedWidth(kept) - note.gap }];
};

/** `lead`: the mark of the selection and how the line is tied to its neighbours, two cells before the first column. */
const cellsOf = (texts: RequestTexts, columns: Place['columns'], lead: string): Cell[] => {
  const noted = columns.some(({ id }) => id === 'note');
  return withLongNote(texts, columns).flatMap(({ id, width, gap }, index) => {
    const cell = draws[id](texts, width, noted);
    if (index === 0) return [{ ...cell, text: lead + cell.text }];
    return gap > 1 ? [spacer, cell] : [cell];
  });
};

const heading: RequestTexts = {
  time: 'time',
  account: 'account',
  status: 'status',
  window: '',
  tone: 'faint',
  model: 'model',
  wait: 'wait',
  first: 'first',
  total: 'total',
  input: 'in',
  output: 'out',
  cache: 'cache',
  client: 'client',
  project: 'project',
  cost: '~cost $',
  list: '~list $',
  note: 'note',
  brief: 'note',
};

/** The line over the requests of a wide screen that names the columns. */
export const requestHeading = (theme: Theme, { columns, width }: Place): string => {
  const cells = cellsOf(heading, columns, '  ').map((cell) => ({ ...cell, tone: 'faint' as const }));
  return line(theme, cells, width);
};

/**
 * One request: a line for each account that did not serve it, then its own. They are the same lines in the same order
 * while it runs and when it has ended. The mark of the selection is on its own line, all of them are strong.
 */
export const requestLines = (
  theme: Theme,
  row: RequestRow,
  { columns, width, selected, now }: Place & { selected: boolean; now: EpochMs },
): string[] => {
  const { glyphs } = theme;
  const attempts = passedOver(row);
  const above = attempts.map((attempt, index) => {
    const next = attempts[index + 1]?.account ?? row.request.account;
    const texts = attemptTexts(row, attempt, next);
    const lead = ` ${index === 0 ? glyphs.tieFirst : glyphs.tie}`;
    return line(theme, cellsOf(texts, columns, lead), width, selected);
  });
  const lead = (selected ? glyphs.select : ' ') + (attempts.length > 0 ? glyphs.tieLast : ' ');
  return [...above, line(theme, cellsOf(ownTexts(row, now), columns, lead), width, selected)];
};
