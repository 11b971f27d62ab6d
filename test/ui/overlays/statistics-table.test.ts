import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import type { StatsSeriesRow } from '../../../source/shared/statistics.ts';
import { measureOf } from '../../../source/ui/overlays/statistics-measures.ts';
import { tableLines } from '../../../source/ui/overlays/statistics-table.ts';
import { busyStatistics, seriesRow, statsOf } from '../../store/stats-samples.ts';
import { plain } from './dialog-place.ts';

const rows = [
  seriesRow('work', { requests: 900, errors: 1, costUsd: 12.5, cacheHitRate: 0.5 }),
  seriesRow('home', { requests: 450, errors: 4, listValueUsd: 3, cacheHitRate: null }),
];

const linesIn = (columns: number, measure = 'requests', table: readonly StatsSeriesRow[] = rows): string[] =>
  tableLines(
    plain,
    {
      title: 'Account',
      rows: table,
      total: busyStatistics.total,
      others: statsOf({ requests: 9 }),
      keyless: 'no account',
    },
    measureOf(busyStatistics.total, measure),
    columns,
  );

/** The bar of its share in the line of that name. */
const shareIn = (lines: readonly string[], name: string): string =>
  /[▮▯]+/.exec(lines.find((text) => text.startsWith(` ${name} `)) ?? '')?.[0] ?? '';

describe('a table of statistics', () => {
  it('draws for each row its share against the largest, and how it went over time', () => {
    const lines = linesIn(120);
    expect(shareIn(lines, 'work')).toBe('▮'.repeat(8));
    expect(shareIn(lines, 'home')).toBe('▮▮▮▮▯▯▯▯');
    expect(lines.find((text) => text.startsWith(' work'))).toMatch(/ ▁[▁-█]{22}█ +900 /);
    // Nobody knows how that of all others went.
    expect(lines.at(-1)).toMatch(/^ all others +\S{8} +9 /);
  });

  it('draws what is chosen, and says what that is', () => {
    expect(linesIn(120)[0]).toMatch(/^ Account +share +requests +req /);
    const errors = linesIn(120, 'not ok');
    expect(errors[0]).toMatch(/^ Account +share +not ok +req /);
    expect(errors.find((text) => text.startsWith(' work'))).toMatch(/ █[▁-█]{22}▁ +900 /);
    // What is not known has no bar.
    const cached = linesIn(120, 'cache hits');
    expect(shareIn(cached, 'home')).toBe('');
    expect(shareIn(cached, 'work')).toBe('▮▮▮▮▯▯▯▯');
  });

  it.each([200, 120, 100, 90, 89, 80, 60, 59, 46, 45, 30])(
    'is never wider than %i columns, and draws over time from 46 on',
    (columns) => {
      const lines = linesIn(columns);
      for (const text of lines) expect(displayWidth(text)).toBeLessThanOrEqual(columns);
      expect(lines.some((text) => /[▂-▇]/.test(text))).toBe(columns >= 46);
      expect(lines[1]).toContain(' 900');
    },
  );

  it('leaves out money or list value where nothing has any of it, whatever the rows', () => {
    const only = (fields: Partial<StatsSeriesRow>): string =>
      tableLines(
        plain,
        { title: 'Account', rows, total: statsOf(fields), others: null, keyless: '' },
        measureOf(busyStatistics.total, 'requests'),
        120,
      )[0] ?? '';
    expect(linesIn(120)[0]).toMatch(/ cost +list value /);
    expect(only({ costUsd: 2 })).toMatch(/ tokens +cost +cached /);
    expect(only({ listValueUsd: 2 })).toMatch(/ tokens +list value +cached /);
    expect(only({})).toMatch(/ tokens +cost +cached /);
  });

  it('leaves a slot blank where others may have found the place', () => {
    const row: StatsSeriesRow = {
      ...seriesRow('work', { requests: 5 }),
      slots: [statsOf({ requests: 4 }), null, statsOf({ requests: 4 })],
    };
    expect(linesIn(120, 'requests', [row])[1]).toContain('█ █');
  });
});
