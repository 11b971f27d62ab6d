import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { headerLine } from '../../../source/ui/panes/header.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { accountOf, busyState, doneRow, emptyState, later, now } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });
const show = (kind: 'wide' | 'narrow' | 'tiny', columns: number, state = busyState, look = theme): string =>
  headerLine(look, state, { kind, columns, now }).replace(/\d\d:\d\d$/, 'hh:mm');

describe('headerLine', () => {
  it('says where it listens, who is ready, what flows and what went wrong', () => {
    const parts = '127.0.0.1:4180  4 accounts, 2 ready  2 in flight   8 req/min ▁▁▁▁▁▁▆█  3 err/5m';
    expect(show('wide', 100)).toBe(` ccr-tui  ${parts}${' '.repeat(6)}hh:mm`);
    expect(show('wide', 100, busyState, createTheme({ ascii: true, color: false }))).toContain(
      'req/min ......*@',
    );
  });

  it('leaves out the least important when it gets narrow', () => {
    expect(show('narrow', 60)).toBe(' :4180  2/4 ready  2 open   8/min ▁▁▁▁▁▁▆█  3 err      hh:mm');
    expect(show('narrow', 46)).toBe(' :4180  2/4 ready  2 open   8/min  3 err');
    expect(show('tiny', 30).trimEnd()).toBe(':4180 2/4 ready  8/min 3 err');
  });

  it('drops name, bars, clock, lost events, flight and rate in this order, and never comes back to one', () => {
    const state = { ...busyState, dropped: 5 };
    const known = {
      name: 'ccr-tui',
      bars: '▁█',
      clock: 'hh:mm',
      lost: 'lost',
      flight: 'flight',
      rate: 'req/min',
    };
    const names = (columns: number): string[] =>
      Object.entries(known).flatMap(([name, text]) =>
        show('wide', columns, state).replace('▆', '').includes(text) ? [name] : [],
      );
    const dropped: string[] = [];
    for (let columns = 140; columns > 40; columns -= 1) {
      const now = new Set(names(columns - 1));
      dropped.push(...names(columns).filter((name) => !now.has(name)));
      expect(names(columns)).toEqual(expect.arrayContaining([...now]));
    }
    expect(dropped).toEqual(['name', 'bars', 'clock', 'lost', 'flight', 'rate']);
  });

  it('leaves nothing out because a number got another digit', () => {
    const busy = Array.from({ length: 120 }, (_, i) => doneRow(i + 1, { at: later(-i) }));
    for (let columns = 46; columns <= 130; columns += 1) {
      const kind = columns < 90 ? 'narrow' : 'wide';
      const calm = show(kind, columns, { ...busyState, rows: [], seen: 0 });
      const full = show(kind, columns, { ...busyState, rows: busy, seen: 120, inFlight: 12 });
      expect(full.includes('ccr-tui')).toBe(calm.includes('ccr-tui'));
      expect(full.includes('hh:mm')).toBe(calm.includes('hh:mm'));
      expect(displayWidth(full)).toBeLessThanOrEqual(columns);
    }
  });

  it('is honest before it listens and about what is not known', () => {
    expect(show('wide', 100, { ...emptyState, url: null })).toContain('starting');
    expect(show('wide', 120, { ...busyState, dropped: 12 })).toContain('12 events lost');
    expect(show('wide', 100, { ...emptyState, accounts: [accountOf('a')] })).toContain('1 account, 1 ready');
    // Rows that made room may have been errors, and nobody knows of the minutes before.
    const some = { ...busyState, seen: 500 };
    expect(show('wide', 100, some)).toMatch(/req\/min {8}█ {2}3\+ err\/5m/);
  });

  it('keeps the place of an address that is not there yet, and names none', () => {
    const expected = 'http://127.0.0.1:4180';
    for (const [kind, columns, place] of [
      ['wide', 100, 'starting      '],
      ['narrow', 60, ':----'],
      ['tiny', 30, ':----'],
    ] as const) {
      const before = show(kind, columns, { ...busyState, url: null, expected });
      const after = show(kind, columns);
      expect(before).toBe(after.replace(kind === 'wide' ? '127.0.0.1:4180' : ':4180', place));
    }
  });

  it('begins with the word demo when all is simulated, at every width', () => {
    const demo = { ...busyState, demo: true as const };
    for (const [kind, columns] of [
      ['wide', 100],
      ['narrow', 60],
      ['narrow', 46],
      ['tiny', 30],
      ['tiny', 10],
    ] as const) {
      expect(show(kind, columns, demo)).toMatch(/^ ?demo\b/);
      expect(show(kind, columns)).not.toContain('demo');
    }
  });

  it('says READ-ONLY at every width', () => {
    for (const [kind, columns] of [
      ['wide', 100],
      ['narrow', 46],
      ['tiny', 30],
      ['tiny', 10],
    ] as const) {
      const place = { kind, columns, now, readOnly: true };
      expect(headerLine(theme, busyState, place)).toMatch(/^ ?READ-ONLY\b/);
      expect(show(kind, columns)).not.toContain('READ-ONLY');
    }
  });

  it('says which machine it is from, where that is another one', () => {
    const at = (kind: 'wide' | 'narrow', columns: number): string =>
      headerLine(theme, busyState, { kind, columns, now, host: 'me@there\x1b' });
    expect(at('wide', 120)).toContain(String.raw` 127.0.0.1:4180 on me@there\x1b `);
    expect(at('narrow', 60)).toContain(' :4180 on me@there');
  });
});
