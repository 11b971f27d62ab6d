import { sanitize } from '../../shared/sanitize.ts';
import type { Dialog, DialogContext } from '../dialog.ts';
import { closesOpen, keyHint } from '../keymap.ts';
import type { Size } from '../layout.ts';
import { titleLine } from '../line.ts';
import { createScrollText } from '../scroll-text.ts';
import type { Theme } from '../theme.ts';
import { createFreshStatistics, type StatsRange, type Told } from './fresh-statistics.ts';
import { statisticsLines } from './statistics-lines.ts';
import { measureOf, measuresOf } from './statistics-measures.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const usual: StatsRange = { name: '24h', slotMs: hour, slots: 24, bar: '1 h' };

export const statsRanges: readonly StatsRange[] = [
  { name: '1h', slotMs: 2 * minute, slots: 30, bar: '2 min' },
  { name: '6h', slotMs: 10 * minute, slots: 36, bar: '10 min' },
  usual,
  { name: '7d', slotMs: 6 * hour, slots: 28, bar: '6 h' },
  { name: '30d', slotMs: day, slots: 30, bar: '1 day' },
];

/** What leads to another range: what goes to the side elsewhere. */
const steps: Readonly<Record<string, number>> = {
  'requests.columns-right': 1,
  'pane.next': 1,
  'requests.columns-left': -1,
  'pane.previous': -1,
};

/** The chosen range stands out by a mark, too: bold alone is invisible on some consoles. */
const rangesLine = (theme: Theme, chosen: StatsRange, columns: number): string => {
  const names = statsRanges.map((range) =>
    range === chosen ? theme.paint('strong', `${theme.glyphs.select}${range.name}`) : ` ${range.name}`,
  );
  const line = ` ${names.join(' ')}`;
  return columns < 72 ? line : `${line}   ${theme.paint('faint', `a bar is ${chosen.bar}`)}`;
};

const bodyLines = (theme: Theme, told: Told | null, size: Size, measure: string): string[] => {
  if (told === null) return [` ${theme.text('the history is being asked')}`];
  if ('problem' in told) return [` ${theme.paint('bad', theme.text(sanitize(told.problem, 300)))}`];
  return statisticsLines(theme, told, size, measure);
};

/** The one behind that measure, of those that there is something to say of. */
const nextMeasure = (told: Told | null, measure: string): string => {
  if (told === null || 'problem' in told) return measure;
  const labels = measuresOf(told.total).map(({ label }) => label);
  const at = labels.indexOf(measureOf(told.total, measure).label);
  return labels[(at + 1) % labels.length] ?? measure;
};

/**
 * What finished requests come to, in ranges from an hour to 30 days, that of `first` at first or else a day. Asked for when it
 * opens, and now and then.
 */
export const openStatistics = (context: DialogContext, first?: string): Dialog => {
  const fresh = createFreshStatistics(context);
  let range = statsRanges.find(({ name }) => name === first) ?? usual;
  let measure = 'requests';
  const { keys } = context;
  const scrolled = createScrollText(keys);
  const turn = (by: number): void => {
    const at = statsRanges.indexOf(range) + by + statsRanges.length;
    range = statsRanges[at % statsRanges.length] ?? usual;
    fresh.ask(range);
  };
  const close = (): void => {
    fresh.close();
    context.close();
  };
  fresh.ask(range);
  return {
    lines(theme, { columns, rows }) {
      const title = titleLine(theme, { title: 'Statistics', note: '', focused: true }, columns);
      const head = [...(rows >= 8 ? [title] : []), rangesLine(theme, range, columns)];
      const page = Math.max(1, rows - head.length);
      const lines = bodyLines(theme, fresh.of(range), { columns, rows: page }, measure);
      return [...head, ...scrolled.shown(lines, page)];
    },
    footer: () => [
      ...keyHint(keys, ['requests.columns-left', 'requests.columns-right'], 'range'),
      ...scrolled.hints(),
      { key: 'm', text: 'bars' },
      { key: 'r', text: 'again' },
      { key: 'Esc', text: 'back' },
    ],
    press(name) {
      const step = steps[keys.actionFor(name, 'requests')?.name ?? ''];
      if (step !== undefined) turn(step);
      else if (name === 'r') fresh.ask(range);
      else if (name === 'm') measure = nextMeasure(fresh.of(range), measure);
      else if (closesOpen(keys, name, 'statistics.show')) close();
      else scrolled.press(name);
    },
    paste: () => {},
  };
};
