import { compactCount } from '../../shared/duration.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { Statistics, StatsFigures } from '../../shared/statistics.ts';
import { savedByCaching } from '../../store/wording.ts';
import type { Size } from '../layout.ts';
import { cell, line, numberCell, paragraph, spacer, type Cell } from '../line.ts';
import { shortModel } from '../panes/request-texts.ts';
import type { Theme } from '../theme.ts';
import { partLines, type Part } from './part-lines.ts';
import { bars, measureOf, measuresOf, time } from './statistics-measures.ts';
import { tableLines } from './statistics-table.ts';

// The sums of one range as lines: what they come to with a bar for each slot of time, then by account and by model.

const wideColumns = 90;
const narrowColumns = 46;

const labelWidth = 10;
const saysWidth = 21;

const hourMs = 3_600_000;

/** What the bars reach from and to; empty where they are too few for that. */
const axisText = ({ slotMs, slots }: Statistics, width: number): string => {
  const hours = Math.round((slotMs * slots.length) / hourMs);
  const from = hours <= 48 ? `${hours} h ago` : `${Math.round(hours / 24)} d ago`;
  return width < from.length + 4 ? '' : `${from}${'now'.padStart(width - from.length)}`;
};

const measureLines = (theme: Theme, statistics: Statistics, columns: number): string[] => {
  const { total, slots } = statistics;
  const beside = columns >= narrowColumns;
  const room = columns - (beside ? labelWidth + saysWidth + 5 : labelWidth + 3);
  let width = 0;
  const lines = measuresOf(total).map((measure) => {
    const label: Cell = { text: measure.label, width: labelWidth, tone: 'faint' };
    const said = measure.says(total);
    if (!beside) return line(theme, [cell(''), label, { text: said, width: room + 1 }], columns);
    const drawn = bars(theme, measure, slots, room);
    width = drawn.length;
    return line(
      theme,
      [cell(''), label, numberCell(said, saysWidth), spacer, cell(drawn, 'accent')],
      columns,
    );
  });
  const axis = axisText(statistics, width);
  const blank = { text: '', width: labelWidth + saysWidth + 1 };
  return axis === ''
    ? lines
    : [...lines, line(theme, [cell(''), blank, spacer, cell(axis, 'faint')], columns)];
};

const timesParts = (total: StatsFigures): Part[] => {
  const { firstByteP50Ms, firstByteP95Ms, totalP50Ms, totalP95Ms, tokensPerSecond } = total;
  const speed = tokensPerSecond === null ? '—' : tokensPerSecond.toFixed(0);
  return [
    { label: 'first byte', text: `p50 ${time(firstByteP50Ms)}, p95 ${time(firstByteP95Ms)}` },
    { label: 'total', text: `p50 ${time(totalP50Ms)}, p95 ${time(totalP95Ms)}; ${speed} tokens/s` },
  ];
};

const savedTexts = (total: StatsFigures): string[] => [
  `caching saved ${savedByCaching(total) ?? '—'}`,
  `failing over saved ${compactCount(total.failedOver)} ${total.failedOver === 1 ? 'request' : 'requests'}`,
];

/**
 * As many lines as it needs, none wider than `columns`; `rows` decides how airy they stand. The bars of the tables are drawn
 * of the measure with that label.
 */
export const statisticsLines = (
  theme: Theme,
  statistics: Statistics,
  { columns, rows }: Size,
  measure = 'requests',
): string[] => {
  const { total, note, accounts, otherAccounts, models, otherModels } = statistics;
  const noted =
    note === null ? [] : paragraph(theme, sanitize(note, 300), { columns, margin: 1, tone: 'warning' });
  if (total.requests === 0) return [...noted, ` ${theme.text('no finished request in this time')}`];
  const said = (texts: readonly string[]): string[] =>
    (columns >= wideColumns ? [texts.join('; ')] : texts).flatMap((text) =>
      paragraph(theme, text, { columns, margin: 1 }),
    );
  const drawn = measureOf(total, measure);
  const tables = [
    tableLines(
      theme,
      { title: 'Account', rows: accounts, total, others: otherAccounts, keyless: 'no account' },
      drawn,
      columns,
    ),
    tableLines(
      theme,
      { title: 'Model', rows: models, total, others: otherModels, keyless: 'unknown', short: shortModel },
      drawn,
      columns,
    ),
  ];
  const blocks = [
    [
      ...measureLines(theme, statistics, columns),
      ...timesParts(total).flatMap((part) =>
        columns >= narrowColumns
          ? partLines(theme, part, columns)
          : paragraph(theme, `${part.label} ${part.text}`, { columns, margin: 1 }),
      ),
      ...said(savedTexts(total)),
      ...noted,
    ],
    ...tables,
  ];
  const airy = rows >= blocks.flat().length + blocks.length;
  return blocks.flatMap((block) => (airy ? ['', ...block] : block));
};
