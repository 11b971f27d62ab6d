import { compactCount } from '../../shared/duration.ts';
import { displayWidth } from '../../shared/display-width.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { StatsFigures, StatsSeriesRow } from '../../shared/statistics.ts';
import { cell, line, numberCell, type Cell } from '../line.ts';
import type { Theme } from '../theme.ts';
import { gauge } from '../widgets/gauge.ts';
import { bars, count, inAndOut, measuresOf, share, time, type Measure } from './statistics-measures.ts';

/** A column of the tables; those without room are left out from the last one on. */
type TableColumn = { title: string; width: number; show(row: StatsFigures): string };

const tableColumns: readonly TableColumn[] = [
  { title: 'req', width: 6, show: ({ requests }) => compactCount(requests) },
  { title: 'not ok', width: 6, show: ({ errors }) => compactCount(errors) },
  { title: 'tokens', width: 6, show: (row) => count(inAndOut(row)) },
  { title: 'cost', width: 8, show: ({ costUsd }) => (costUsd === null ? '—' : costUsd.toFixed(2)) },
  {
    title: 'list value',
    width: 10,
    show: ({ listValueUsd }) => (listValueUsd === null ? '—' : listValueUsd.toFixed(2)),
  },
  { title: 'cached', width: 6, show: ({ cacheHitRate }) => share(cacheHitRate) },
  { title: 'total p50', width: 9, show: ({ totalP50Ms }) => time(totalP50Ms) },
];

/** Where nothing was paid, or no plan gave anything, a column would be dashes alone: as in the sums. */
const tellingColumns = (total: StatsFigures): readonly TableColumn[] => {
  const needed = new Set(measuresOf(total).map(({ label }) => label));
  return tableColumns.filter(
    ({ title }) => needed.has(title) || (title !== 'cost' && title !== 'list value'),
  );
};

/** Models have names of up to seventeen. */
const fewestName = { narrow: 12, middle: 17 };
const namedColumns = 76;
const mostName = 32;

export type StatsTable = {
  title: string;
  rows: readonly StatsSeriesRow[];
  /** Of all rows of both tables. */
  total: StatsFigures;
  others: StatsFigures | null;
  /** What a row without a key is of. */
  keyless: string;
  /** A key in fewer letters, where the whole one finds no room. */
  short?(key: string): string;
};

/** Cells of the share of a row, and of its bars of time. */
type Drawn = { share: number; time: number };

const wideColumns = 90;
const middleColumns = 60;
const narrowColumns = 46;

const drawnIn = (columns: number): Drawn => {
  if (columns >= wideColumns) return { share: 8, time: 12 };
  return { share: 0, time: columns >= middleColumns ? 12 : columns >= narrowColumns ? 6 : 0 };
};

const takenBy = ({ share: own, time: spark }: Drawn): number =>
  (own > 0 ? own + 1 : 0) + (spark > 0 ? spark + 1 : 0);

type Plan = { name: number; drawn: Drawn; shown: readonly TableColumn[] };

/** What is left over makes the bars of time longer, up to one cell for each slot, and then the names. */
const planOf = (slots: number, columns: number, telling: readonly TableColumn[]): Plan => {
  const drawn = drawnIn(columns);
  const shown: TableColumn[] = [];
  const fewest = columns < namedColumns ? fewestName.narrow : fewestName.middle;
  let room = columns - 2 - fewest - takenBy(drawn);
  for (const each of telling) {
    if (room < each.width + 1) break;
    room -= each.width + 1;
    shown.push(each);
  }
  const more = drawn.time === 0 ? 0 : Math.max(0, Math.min(room, slots - drawn.time));
  const name = fewest + Math.max(0, Math.min(room - more, mostName - fewest));
  return { name, drawn: { ...drawn, time: drawn.time + more }, shown };
};

const drawnCells = (own: string, spark: string, { share: ownWidth, time: sparkWidth }: Drawn): Cell[] => [
  ...(ownWidth > 0 ? [{ text: own, width: ownWidth, tone: 'accent' as const }] : []),
  ...(sparkWidth > 0 ? [{ text: spark, width: sparkWidth, tone: 'accent' as const }] : []),
];

const nameOf = (key: string, short: (key: string) => string, room: number): string => {
  const whole = sanitize(key, 60);
  return displayWidth(whole) <= room ? whole : sanitize(short(key), 60);
};

/**
 * One line for each row: its share of the chosen measure against the largest row, bars of time on a scale of its own, and
 * figures as far as there is room.
 */
export const tableLines = (
  theme: Theme,
  { title, rows, total, others, keyless, short = (key) => key }: StatsTable,
  measure: Measure,
  columns: number,
): string[] => {
  const { name, drawn, shown } = planOf(rows[0]?.slots.length ?? 0, columns, tellingColumns(total));
  const named = [
    ...rows.map(
      (row) => [row.key === null ? keyless : nameOf(row.key, short, name), row, row.slots] as const,
    ),
    ...(others === null ? [] : [['all others', others, []] as const]),
  ];
  const most = measure.full ?? Math.max(0, ...named.map(([, row]) => measure.bar(row) ?? 0));
  const rowLine = ([text, row, slots]: (typeof named)[number]): string => {
    const value = measure.bar(row);
    const own = gauge(value === null || most <= 0 ? null : value / most, drawn.share, theme.glyphs);
    return line(
      theme,
      [
        cell(''),
        { text, width: name },
        ...drawnCells(own, bars(theme, measure, slots, drawn.time), drawn),
        ...shown.map(({ width, show }) => numberCell(show(row), width)),
      ],
      columns,
    );
  };
  const heading = [
    cell(''),
    { text: title, width: name, tone: 'accent' as const },
    // Over the bars stands what they are drawn of.
    ...drawnCells('share', measure.label, drawn).map((each) => ({ ...each, tone: 'faint' as const })),
    ...shown.map((each) => numberCell(each.title, each.width, 'faint')),
  ];
  return [line(theme, heading, columns), ...named.map(rowLine)];
};
