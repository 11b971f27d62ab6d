import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { statisticsLines } from '../../../source/ui/overlays/statistics-lines.ts';
import { busyStatistics, seriesRow, statsOf } from '../../store/stats-samples.ts';
import { hostileCharacter } from '../../kit/hostile-text.ts';
import { plain } from './dialog-place.ts';

const sizes = [
  [200, 60],
  [100, 28],
  [89, 28],
  [60, 18],
  [46, 10],
  [45, 20],
  [30, 4],
] as const;

const linesIn = (columns: number, rows: number, statistics = busyStatistics): string[] =>
  statisticsLines(plain, statistics, { columns, rows });

describe('the lines of statistics', () => {
  it.each(sizes)('are never wider than %i columns, and tell the essentials in %i rows', (columns, rows) => {
    const lines = linesIn(columns, rows);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    const text = lines.join('\n');
    for (const wanted of [
      /requests +943/,
      /not ok +15/,
      /1\.2M in/,
      /12\.50 USD/,
      /45\.20 USD/,
      /cache hits +87%/,
    ]) {
      expect(text).toMatch(wanted);
    }
    expect(text.replaceAll(/\s+/g, ' ')).toContain('caching saved 4.20 USD and 33.10 USD of list value');
    expect(text.replaceAll(/\s+/g, ' ')).toContain('failing over saved 7 requests');
    expect(text).toMatch(/^ work .* 900/m);
    // Of a request that no account served it is known that none did.
    expect(text.match(/^ (?:no account|unknown) /gm)).toEqual([' no account ']);
    expect(text).toMatch(/^ all others .* 40/m);
    // Whole, or without what every model has in its name.
    expect(text).toMatch(/^ (?:claude-opus-5-5|opus-5\.5) /m);
  });

  it('draw a bar for each slot, the highest one for the most, a share against all there is', () => {
    const lines = linesIn(100, 28);
    const barsOf = (label: string): string =>
      lines
        .find((line) => line.startsWith(` ${label}`))
        ?.trim()
        .split(' ')
        .at(-1) ?? '';
    expect(barsOf('requests')).toHaveLength(24);
    expect(barsOf('requests')).toMatch(/^▁.*█$/);
    // Fractions of a cent make as high a bar as millions of tokens.
    expect(barsOf('cost')).toMatch(/^▁.*█$/);
    expect(barsOf('cache')).toMatch(/█$/);
    const half = {
      ...busyStatistics,
      slots: [statsOf({ requests: 1, cacheHitRate: 0.4 }), statsOf({ cacheHitRate: null })],
    };
    const hits = linesIn(100, 28, half).find((line) => line.startsWith(' cache hits'));
    expect(hits?.trimEnd()).toMatch(/▄$/);
  });

  it('stand on one base line behind figures that end in one column, with what they reach from and to', () => {
    const slots = [
      statsOf({ inputTokens: null, outputTokens: null }),
      statsOf({ requests: 2, inputTokens: 9 }),
    ];
    const lines = linesIn(100, 28, {
      ...busyStatistics,
      slots: [...slots, ...busyStatistics.slots.slice(2)],
    });
    const bars = lines.filter((text) => /^ (?:requests|not ok|tokens|cost|list value) /.test(text));
    expect(bars).toHaveLength(5);
    expect(new Set(bars.map((text) => text.indexOf('▁'))).size).toBe(1);
    expect(lines.find((text) => text.includes('24 h ago'))?.trim()).toBe('24 h ago             now');
    expect(lines.join('\n')).toMatch(
      /^ first byte p50 \S+, p95 \S+\s*\n total +p50 \S+, p95 \S+; \d+ tokens\/s/m,
    );
    expect(linesIn(40, 28).join('\n')).not.toContain(' ago');
  });

  it('squeeze the bars where there is no room for all', () => {
    const requests = linesIn(50, 28).find((line) => line.startsWith(' requests'));
    expect(requests?.trim().split(' ').at(-1)).toHaveLength(12);
  });

  it('say that there is nothing, and why it may be less than everything', () => {
    const note = 'history off (the disk is full): only the newest 3 requests';
    expect(linesIn(100, 28, { ...busyStatistics, note }).join('\n')).toContain(note);
    const nothing = linesIn(60, 10, { ...busyStatistics, total: statsOf(), note });
    expect(nothing).toEqual([` ${note}`, ' no finished request in this time']);
  });

  it('leave out money or list value where there is only one of them', () => {
    const { total } = busyStatistics;
    const money = linesIn(100, 28, { ...busyStatistics, total: { ...total, listValueUsd: null } }).join('\n');
    expect(money).not.toMatch(/^ list value/m);
    const plan = linesIn(100, 28, { ...busyStatistics, total: { ...total, costUsd: null } }).join('\n');
    expect(plan).not.toMatch(/^ cost/m);
    const none = { ...total, costUsd: null, listValueUsd: null };
    expect(linesIn(100, 28, { ...busyStatistics, total: none }).join('\n')).toMatch(/^ cost +—/m);
  });

  it('are ASCII alone where the terminal shows no more, and do nothing to it', () => {
    const ascii = createTheme({ ascii: true, color: false });
    const accounts = [seriesRow('w\u001B[31mörk', { requests: 5 })];
    const lines = statisticsLines(ascii, { ...busyStatistics, accounts }, { columns: 100, rows: 28 });
    expect(lines.join('')).toMatch(/^[\x20-\x7e]*$/);
    expect(linesIn(100, 28, { ...busyStatistics, accounts }).join('')).not.toMatch(hostileCharacter);
  });
});
